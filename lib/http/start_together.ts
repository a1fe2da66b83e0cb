// The module's own function and not the global, which tests like to replace.
import { setImmediate } from 'node:timers';
import { type GreenThread } from '../green_thread';

let due: GreenThread[] = [];

/**
 * Starts a green thread as soon as Node has looked at all its sockets, together with all that came from there. One turn of
 * the hub for each would cost more than what they do; and it is no later than the last of them would be.
 *
 * The thread must not be killed before it has started.
 */
export function startTogether(thread: GreenThread): void {
  due.push(thread);
  if (due.length === 1) setImmediate(startAll);
}

function startAll(): void {
  const threads = due;
  due = [];
  for (const thread of threads) if (!thread.dead) thread.start();
}
