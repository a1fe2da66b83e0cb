import { spawn } from '../spawn';
import { invalidType, validateFunction } from '../validate';
import { named } from './async_to_green';

/**
 * Makes a blocking function an async one: each call runs it on a green thread of its own. Also a decorator for methods.
 * @param fn - may block
 * @param context - given by the language when used as a decorator
 * @returns a function that takes the same arguments and `this`, and returns a promise
 * @example
 * ```ts
 * import { greenToAsync, sleep } from 'verdant';
 *
 * const slowDouble = greenToAsync((n: number) => { sleep(10); return 2 * n; });
 * console.log(await slowDouble(21)); // 42
 * ```
 */
export function greenToAsync<This, A extends unknown[], R>(
  fn: (this: This, ...args: A) => R,
  context?: DecoratorContext,
): (this: This, ...args: A) => Promise<Awaited<R>> {
  if (context !== undefined && context.kind !== 'method') {
    throw invalidType('context', `a method (greenToAsync cannot decorate a ${context.kind})`, context.name);
  }
  validateFunction(fn, 'fn');
  return named(fn, async function (this: This, ...args: A): Promise<Awaited<R>> {
    return await spawn({ name: fn.name || undefined }, () => fn.apply(this, args));
  });
}
