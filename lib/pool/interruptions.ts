import { type GreenThread, type Watcher } from '../green_thread';
import { getHub } from '../hub/registry';

// What a thread has survived is kept only so far back: nobody asks for more, and it may be killed in vain for ever.
const kept = 100;

let last = 0;

/** What has been thrown into a thread from outside and was not taken back, each with a number that grows. */
class Log implements Watcher {
  readonly #numbers = new Map<unknown, number>();

  thrown(error: unknown): void {
    last += 1;
    this.#numbers.delete(error);
    this.#numbers.set(error, last);
    if (this.#numbers.size > kept) this.#numbers.delete(this.#numbers.keys().next().value);
  }

  takenBack(error: unknown): void {
    this.#numbers.delete(error);
  }

  numberOf(error: unknown): number {
    return this.#numbers.get(error) ?? 0;
  }

  get numbers(): Iterable<number> {
    return this.#numbers.values();
  }
}

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
    for (const number of this.#log?.numbers ?? []) if (number > this.#start) return true;
    return false;
  }

  /** Whether `error` is one of them. */
  includes(error: unknown): boolean {
    return (this.#log?.numberOf(error) ?? 0) > this.#start;
  }
}

// Few threads are ever watched, and only from their first need of it on.
function logOf(thread: GreenThread): Log {
  const log = thread.watcher instanceof Log ? thread.watcher : new Log();
  thread.watcher = log;
  return log;
}
