import { GreenExit } from '../errors';
import { GreenThread } from '../green_thread';
import { killOnAbort } from '../spawn';
import { captureSpawnStack } from '../spawn_stack';
import { invalidType, validateSignal } from '../validate';
import { adopt, isThenable, wait } from './wait';

/** See {@link promiseToGreen}. */
export interface PromiseToGreenOptions {
  /** Abort kills the green thread with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** The green thread's name. */
  name?: string | undefined;
  /** The function form's signal aborts when the green thread ends early. Default true. */
  abortOnKill?: boolean | undefined;
}

/**
 * A green thread that ends as a promise does: `wait()`, `join()`, `link()` and `kill()` for async work.
 *
 * The function form is called on the green thread, with a signal that aborts when the green thread ends before the work
 * does, for whatever reason: a kill with any error, a `Timeout`. Killed before its start, it is never called.
 * @param source - a promise, a thenable, or a function `(signal) => promise`
 * @param options - `signal`, `name`, `abortOnKill`
 * @example
 * ```ts
 * import { setTimeout as delay } from 'node:timers/promises';
 * import { promiseToGreen, run } from 'verdant';
 *
 * await run(() => {
 *   const thread = promiseToGreen((signal) => delay(10, 'done', { signal }));
 *   console.log(thread.wait()); // done
 * });
 * ```
 */
export function promiseToGreen<T>(
  source: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T> | T),
  options: PromiseToGreenOptions = {},
): GreenThread<T> {
  const { signal, name, abortOnKill = true } = options;
  if (signal !== undefined) validateSignal(signal, 'options.signal');
  const thread = isThenable(source) ? fromPromise(source, name) : fromFunction(source, name, abortOnKill);
  if (signal !== undefined) killOnAbort(thread, signal);
  thread.start();
  return thread;
}

function fromPromise<T>(source: PromiseLike<T>, name: string | undefined): GreenThread<T> {
  // Looked at from now on: a rejection is this thread's business even before it starts, or when it never does.
  const promise = adopt(source);
  return new GreenThread<T>(() => wait(promise), [], captureSpawnStack(), { name });
}

function fromFunction<T>(
  source: (signal: AbortSignal) => PromiseLike<T> | T,
  name: string | undefined,
  abortOnKill: boolean,
): GreenThread<T> {
  if (typeof source !== 'function') {
    throw invalidType('source', 'a promise, a thenable or a function that returns one', source);
  }
  const controller = new AbortController();
  let settled = false;
  const work = (): T => {
    const note = (): void => {
      settled = true;
    };
    const promise = adopt(source(controller.signal));
    promise.then(note, note);
    return wait(promise);
  };
  const thread = new GreenThread<T>(work, [], captureSpawnStack(), { name });
  if (abortOnKill) {
    thread.onCleanup(() => {
      if (!settled) controller.abort(thread.error === undefined ? new GreenExit() : thread.error);
    });
  }
  return thread;
}
