import { shared } from '../../realm';
import { makeFiber } from './fiber';
import type * as types from './types';

/**
 * Fibers as in node-fibers 5.0.3, on Node 20 to 26: the module is the constructor.
 *
 * A fiber that calls something of verdant's that blocks (`sleep`, `wait`, a green socket) goes back to whoever ran it, as if
 * it had yielded undefined, and the hub lets it go on when the wait is over. `getCurrent()` is a green thread of the fiber's
 * own. See docs/porting/from-fibers.md.
 * @example
 * ```ts
 * import Fiber from 'verdant/fibers';
 *
 * const count = Fiber((from: number) => {
 *   for (let next = from; ; next += 1) Fiber.yield(next);
 * });
 * console.log(count.run(5)); // 5
 * console.log(count.run()); // 6
 * count.reset();
 * ```
 */
const Fiber: types.FiberConstructor = shared('Fiber', makeFiber);

// eslint-disable-next-line @typescript-eslint/no-namespace -- the only way to give `export =` a type of the same name
declare namespace Fiber {
  /** A fiber. */
  type Fiber = types.Fiber;
  /** What the module is. */
  type FiberConstructor = types.FiberConstructor;
}
type Fiber = types.Fiber;

export = Fiber;
