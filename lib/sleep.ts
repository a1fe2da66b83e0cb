import { type GreenThread } from './green_thread';
import { getHub } from './hub/registry';
import { park } from './park';
import { validateMilliseconds, validateObject, validateSignal } from './validate';

const call = 'sleep()';
const elapsed = Symbol('elapsed');

/**
 * Suspends the calling green thread for at least `ms` milliseconds; every other one, and Node's loop, go on. `sleep(0)`
 * lets all that are ready run first.
 * @param ms - milliseconds; Infinity sleeps until it is killed
 * @param options - `signal` ends the sleep
 * @throws the signal's reason; a kill's reason; `ERR_VERDANT_NOT_GREEN` outside a green thread
 * @example
 * ```ts
 * import { run, sleep } from 'verdant';
 *
 * await run(() => sleep(10));
 * ```
 */
export function sleep(ms = 0, options?: { signal?: AbortSignal | undefined }): void {
  validateMilliseconds(ms, 'ms');
  if (options !== undefined) {
    validateObject(options, 'options');
    if (options.signal !== undefined) validateSignal(options.signal, 'options.signal');
  }
  if (ms === 0) park(call, { subscribe: wakeAtOnce, signal: options?.signal });
  else park(call, { timeout: ms, timeoutValue: elapsed, signal: options?.signal });
}

const wakeAtOnce = (): undefined => {
  (getHub().current as GreenThread).wake(undefined);
};
