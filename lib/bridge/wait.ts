import { GreenThread } from '../green_thread';
import { type BlockingOptions, park, requireGreen, validateBlockingOptions, type Waker } from '../park';

const call = 'wait()';

/**
 * Suspends the calling green thread until a promise, thenable or green thread settles: `await` for blocking code. A value
 * that is none of these is returned as it is.
 *
 * An interrupted wait (timeout, abort, kill) lets go of the promise; what it settles to later is ignored, as by
 * `Promise.race`.
 * @param awaitable - what to wait for
 * @param options - `timeout` in milliseconds, `signal`
 * @returns what it was fulfilled with
 * @throws what it was rejected with, as the same object; `ERR_VERDANT_TIMEOUT`; the signal's reason; a kill's reason;
 * `ERR_VERDANT_NOT_GREEN` outside a green thread
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { run, wait } from 'verdant';
 *
 * await run(() => {
 *   const text = wait(readFile('package.json', 'utf8'));
 *   console.log(JSON.parse(text).name);
 * });
 * ```
 */
export function wait<T>(awaitable: T, options?: BlockingOptions): Awaited<T> {
  validateBlockingOptions(options);
  if (awaitable instanceof GreenThread) return awaitable.wait(options) as Awaited<T>;
  requireGreen(call, 'use await');
  if (!isThenable(awaitable)) return awaitable as Awaited<T>;
  let watched = false;
  const subscribe = (waker: Waker): undefined => {
    watched = true;
    void settle(awaitable, waker);
  };
  try {
    return park(call, { ...options, subscribe }) as Awaited<T>;
  } finally {
    // A wait that is refused has taken the awaitable over all the same: a rejection is not unhandled.
    if (!watched) void adopt(awaitable);
  }
}

// `await` is the one way to look at a promise that runs no code of its owner on this stack, calls back once at most and
// unwraps nested thenables, whatever the awaitable does.
async function settle(awaitable: unknown, waker: Waker): Promise<void> {
  try {
    waker.wake(await awaitable);
  } catch (error) {
    waker.fail(error);
  }
}

/**
 * A promise of ours that settles as `awaitable` does. A lazy thenable starts its work whenever its `then` is called, so
 * code that looks at an awaitable twice looks at this instead. A rejection that nobody looks at is not reported.
 */
export function adopt<T>(awaitable: T): Promise<Awaited<T>> {
  const adopted = (async (): Promise<Awaited<T>> => await awaitable)();
  adopted.catch(() => undefined);
  return adopted;
}

/** Whether `await` would wait for it. Reading `then` may run user code, and may throw. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false;
  return typeof (value as { then?: unknown }).then === 'function';
}
