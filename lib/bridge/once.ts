import { type EventEmitter } from 'node:events';
import { type BlockingOptions, park, requireGreen, validateBlockingOptions } from '../park';
import { invalidType } from '../validate';

const call = 'once()';

/**
 * Suspends the calling green thread until `emitter` emits `event`.
 * @param emitter - an EventEmitter, or an EventTarget
 * @param event - the event's name
 * @param options - `timeout` in milliseconds, `signal`
 * @returns the event's arguments
 * @throws the error of an `'error'` event that comes first (emitters only); `ERR_VERDANT_TIMEOUT`; the signal's reason;
 * `ERR_VERDANT_NOT_GREEN` outside a green thread
 * @example
 * ```ts
 * import { EventEmitter } from 'node:events';
 * import { once, run } from 'verdant';
 *
 * await run(() => {
 *   const emitter = new EventEmitter();
 *   setTimeout(() => emitter.emit('answer', 42), 5);
 *   console.log(once(emitter, 'answer')); // [ 42 ]
 * });
 * ```
 */
export function once(
  emitter: EventEmitter | EventTarget,
  event: string | symbol,
  options?: BlockingOptions,
): unknown[] {
  validateBlockingOptions(options);
  requireGreen(call, 'use once() of node:events');
  if (isEmitter(emitter)) return onceEmitter(emitter, event, options);
  if (isTarget(emitter)) return onceTarget(emitter, String(event), options);
  throw invalidType('emitter', 'an EventEmitter or an EventTarget', emitter);
}

// The listeners call `waker` only: see park.ts on what a suspended thread's frames may hold.
function onceEmitter(emitter: EventEmitter, event: string | symbol, options?: BlockingOptions): unknown[] {
  return park(call, {
    ...options,
    keeps: true,
    subscribe: (waker) => {
      const onEvent = (...args: unknown[]): void => waker.wake(args);
      const onError = (error: unknown): void => waker.fail(error);
      emitter.once(event, onEvent);
      if (event !== 'error') emitter.once('error', onError);
      return () => {
        emitter.removeListener(event, onEvent);
        if (event !== 'error') emitter.removeListener('error', onError);
      };
    },
  }) as unknown[];
}

function onceTarget(target: EventTarget, event: string, options?: BlockingOptions): unknown[] {
  return park(call, {
    ...options,
    keeps: true,
    subscribe: (waker) => {
      const onEvent = (happened: Event): void => waker.wake([happened]);
      target.addEventListener(event, onEvent, { once: true });
      return () => target.removeEventListener(event, onEvent);
    },
  }) as unknown[];
}

function isEmitter(value: unknown): value is EventEmitter {
  return typeof (value as Partial<EventEmitter> | null)?.removeListener === 'function';
}

function isTarget(value: unknown): value is EventTarget {
  return typeof (value as Partial<EventTarget> | null)?.removeEventListener === 'function';
}
