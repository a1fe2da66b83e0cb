import { type BlockingOptions, park, validateBlockingOptions } from '../park';

/** Node's callbacks: an error, or null and a value. */
export type Done<T> = (error: Error | null, value: T) => void;

/**
 * Parks until the callback that `start` is given is called.
 * @param start - what it throws is thrown; what it returns is called if the wait ends before
 */
export function awaitCallback<T>(
  call: string,
  options: BlockingOptions | undefined,
  start: (done: Done<T>) => (() => void) | undefined,
): T {
  validateBlockingOptions(options);
  return park(call, {
    timeout: options?.timeout,
    signal: options?.signal,
    subscribe: (waker) => {
      let done = false;
      const stop = start((error, value) => {
        done = true;
        if (error === null) waker.wake(value);
        else waker.fail(error);
      });
      return () => {
        if (!done) stop?.();
      };
    },
  }) as T;
}
