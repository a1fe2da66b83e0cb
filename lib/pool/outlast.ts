import { park } from '../park';
import { type WaitQueue } from '../wait_queue';

/** What ended a wait from outside. */
export interface Interrupted {
  error: unknown;
}

/**
 * Waits in `queue` until `over()`, whatever comes: a scope that has killed what it started is not left before that has
 * ended. Gives the first interruption that came meanwhile, which the caller throws when it is done.
 */
export function outlast(call: string, queue: WaitQueue, over: () => boolean): Interrupted | null {
  let interrupted: Interrupted | null = null;
  while (!over()) {
    try {
      park(call, { queue, deaf: true });
    } catch (error) {
      interrupted ??= { error };
    }
  }
  return interrupted;
}
