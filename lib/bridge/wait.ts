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
  return park(call, { ...options, subscribe: (waker) => settle(awaitable, waker) }) as Awaited<T>;
}

function settle(awaitable: PromiseLike<unknown>, waker: Waker): undefined {
  // A promise of ours calls back once at most, asynchronously, and unwraps nested thenables, whatever `awaitable` does.
  Promise.resolve(awaitable).then(
    (value) => waker.wake(value),
    (error: unknown) => waker.fail(error),
  );
}

/** Whether `await` would wait for it. Reading `then` may run user code, and may throw. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false;
  return typeof (value as { then?: unknown }).then === 'function';
}
