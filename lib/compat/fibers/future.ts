import { shared } from '../../realm';
import { Future as FutureClass, futureOf } from './future_class';
import type * as types from './future_types';

/**
 * Futures as in node-fibers 5.0.3: values that are there later, for which a fiber can wait. A green thread can, too.
 *
 * Loading the module gives every function a method `future`, as the original does (it cannot be seen by `for ... in`).
 * @example
 * ```ts
 * import { readFile } from 'node:fs';
 * import Future from 'verdant/fibers/future';
 *
 * Future.task(() => {
 *   const text = Future.wrap(readFile)('package.json', 'utf8').wait();
 *   console.log(JSON.parse(String(text)).name);
 * }).detach();
 * ```
 */
const Future: types.FutureConstructor = shared('Future', () => {
  Object.defineProperty(Function.prototype, 'future', { value: futureOf, writable: true, configurable: true });
  return Object.defineProperty(FutureClass, 'default', { value: FutureClass, configurable: true, writable: true });
});

// eslint-disable-next-line @typescript-eslint/no-namespace -- the only way to give `export =` a type of the same name
declare namespace Future {
  /** A future. */
  type Future<T> = types.Future<T>;
  /** What the module is. */
  type FutureConstructor = types.FutureConstructor;
}
type Future<T> = types.Future<T>;

export = Future;
