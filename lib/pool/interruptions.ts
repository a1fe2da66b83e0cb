import { type GreenThread, type Pending } from '../green_thread';
import { getHub } from '../hub/registry';

/** What has been thrown into a thread from outside and was not taken back, each with a number that grows. */
type Log = Map<unknown, number>;

// What a thread has survived is kept only so far back: nobody asks for more, and it may be killed in vain for ever.
const kept = 100;

// Not on those who watch: they lie on the watched thread's own stack, which must not hold the thread (see hub.ts).
const logs = new WeakMap<GreenThread, Log>();
let last = 0;

/**
 * What is thrown into the running green thread from outside after this was made: kills, aborts and `Timeout`s, but not those
 * that were taken back. Code that runs somebody else's function on the caller's own stack, or leaves a scope, has to tell
 * these from the function's own errors: they are the thread's, and must go on.
 */
export class Interruptions {
  readonly #log: Log | null;
  readonly #start = last;

  constructor() {
    const thread = getHub().current as GreenThread | null;
    this.#log = thread === null ? null : logOf(thread);
  }

  /** Whether there was any that still stands. */
  get any(): boolean {
    for (const number of this.#log?.values() ?? []) if (number > this.#start) return true;
    return false;
  }

  /** Whether `error` is one of them. */
  includes(error: unknown): boolean {
    return (this.#log?.get(error) ?? 0) > this.#start;
  }
}

function logOf(thread: GreenThread): Log {
  let log = logs.get(thread);
  if (log === undefined) {
    log = new Map();
    logs.set(thread, log);
    tap(thread, log);
  }
  return log;
}

// Few threads are ever watched, so the methods of these are replaced, and the others pay nothing.
function tap(thread: GreenThread, log: Log): void {
  const interrupt = thread.interrupt.bind(thread);
  const forgive = thread.forgive.bind(thread);
  const killByAbort = thread.killByAbort.bind(thread);
  thread.interrupt = (error: unknown): Pending | null => {
    const pending = interrupt(error);
    if (pending !== null) note(log, error);
    return pending;
  };
  thread.forgive = (pending: Pending): void => {
    log.delete(pending.error);
    forgive(pending);
  };
  thread.killByAbort = (reason: unknown): void => {
    // Aborted by its own code it is not interrupted now, but at its next suspension.
    if (getHub().current === thread) note(log, reason);
    killByAbort(reason);
  };
}

function note(log: Log, error: unknown): void {
  last += 1;
  log.delete(error);
  log.set(error, last);
  if (log.size > kept) log.delete(log.keys().next().value);
}
