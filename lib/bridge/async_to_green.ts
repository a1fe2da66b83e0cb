import { requireGreen } from '../park';
import { validateFunction } from '../validate';
import { wait } from './wait';

/**
 * Makes an async function a blocking one, for green threads.
 * @param fn - returns a promise
 * @returns a function that takes the same arguments and `this`, and returns what the promise is fulfilled with
 * @example
 * ```ts
 * import { setTimeout as delay } from 'node:timers/promises';
 * import { asyncToGreen, run } from 'verdant';
 *
 * const pause = asyncToGreen(delay);
 * await run(() => pause(10));
 * ```
 */
export function asyncToGreen<This, A extends unknown[], R>(
  fn: (this: This, ...args: A) => R,
): (this: This, ...args: A) => Awaited<R> {
  validateFunction(fn, 'fn');
  return named(fn, function (this: This, ...args: A): Awaited<R> {
    requireGreen(`${fn.name || 'asyncToGreen'}()`, 'call the async function itself');
    return wait(fn.apply(this, args));
  });
}

/** Gives `wrapper` the name and the length of the function it stands for. */
export function named<F>(fn: { name: string; length: number }, wrapper: F): F {
  return Object.defineProperties(wrapper, {
    name: { value: fn.name, configurable: true },
    length: { value: fn.length, configurable: true },
  });
}
