import { type GreenThread, validateGreenThread } from '../green_thread';
import { validateSignal } from '../validate';

/** See {@link greenToPromise}. */
export interface GreenToPromiseOptions {
  /** Abort rejects the promise with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Abort also kills the green thread. Default true. */
  killOnAbort?: boolean | undefined;
}

/**
 * A promise of a green thread's outcome that an AbortSignal can end. Without a signal, `await thread` does the same.
 * @param thread - a green thread
 * @param options - `signal`; `killOnAbort`: false leaves the green thread running
 * @returns rejects with the green thread's error, or with the signal's reason
 */
export function greenToPromise<T>(thread: GreenThread<T>, options: GreenToPromiseOptions = {}): Promise<T> {
  validateGreenThread(thread, 'thread');
  const { signal, killOnAbort = true } = options;
  if (signal === undefined) return thread.promise();
  validateSignal(signal, 'options.signal');
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason);
      if (killOnAbort) thread.killByAbort(signal.reason);
    };
    const settle = thread.promise().finally(() => signal.removeEventListener('abort', onAbort));
    settle.then(resolve, reject);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}
