import { type GreenThread, type Pending } from '../green_thread';
import { getHub } from '../hub/registry';

// Not on the watcher: it lies on the watched thread's own stack, which must not hold the thread (see hub.ts).
const watchers = new WeakMap<GreenThread, Set<Interruptions>>();

/**
 * What is thrown into the running green thread from outside while this is watching: kills, aborts and `Timeout`s, but not
 * those that were taken back. Code that runs somebody else's function on the caller's own stack, or leaves a scope, has to
 * tell these from the function's own errors: they are the thread's, and must go on.
 */
export class Interruptions {
  readonly #errors = new Set<unknown>();

  constructor() {
    const thread = getHub().current as GreenThread | null;
    if (thread !== null) watchersOf(thread).add(this);
  }

  /** Whether there was any that still stands. */
  get any(): boolean {
    return this.#errors.size > 0;
  }

  /** Whether `error` is one of them. */
  includes(error: unknown): boolean {
    return this.#errors.has(error);
  }

  /** @internal */
  note(error: unknown): void {
    this.#errors.add(error);
  }

  /** @internal */
  forget(error: unknown): void {
    this.#errors.delete(error);
  }

  /** Watches no longer. To be called on the thread that is watched. */
  stop(): void {
    const thread = getHub().current as GreenThread | null;
    if (thread !== null) watchers.get(thread)?.delete(this);
  }
}

function watchersOf(thread: GreenThread): Set<Interruptions> {
  let all = watchers.get(thread);
  if (all === undefined) {
    all = new Set();
    watchers.set(thread, all);
    tap(thread, all);
  }
  return all;
}

// Few threads are ever watched, so the methods of these are replaced, and the others pay nothing.
function tap(thread: GreenThread, all: Set<Interruptions>): void {
  const { interrupt, forgive, killByAbort } = thread;
  thread.interrupt = (error: unknown): Pending | null => {
    const pending = interrupt.call(thread, error);
    if (pending !== null) for (const each of all) each.note(error);
    return pending;
  };
  thread.forgive = (pending: Pending): void => {
    for (const each of all) each.forget(pending.error);
    forgive.call(thread, pending);
  };
  thread.killByAbort = (reason: unknown): void => {
    // Aborted by its own code it is not interrupted now, but at its next suspension.
    if (getHub().current === thread) for (const each of all) each.note(reason);
    killByAbort.call(thread, reason);
  };
}
