import { getHub } from '../../hub/registry';
import { park, type Waker } from '../../park';
import { sleep as greenSleep } from '../../sleep';
import { validateFunction, validateMilliseconds } from '../../validate';
import { runLoopOnce as runOnce, runLoopUntil, runLoopWhile } from './nested_loop';

type AnyFunction = (this: unknown, ...args: any[]) => unknown; // eslint-disable-line @typescript-eslint/no-explicit-any -- whatever the function takes

/** How often a predicate is looked at in passes of the loop without a rest between them. */
const eagerPasses = 16;

/** How long to rest between two looks after that, in milliseconds. */
const rest = 1;

const isGreen = (): boolean => getHub().current !== null;

interface Outcome {
  done: boolean;
  error: unknown;
  value: unknown;
}

function convert(fn: AnyFunction): AnyFunction {
  validateFunction(fn, 'fn');
  const call = `deasync(${fn.name === '' ? 'function' : fn.name})`;
  return function (...args: unknown[]): unknown {
    const outcome: Outcome = { done: false, error: undefined, value: undefined };
    let waker: Waker | null = null;
    const callback = (error: unknown, value: unknown): void => {
      Object.assign(outcome, { done: true, error, value });
      waker?.wake(undefined);
    };
    fn.call(this, ...args, callback);
    if (!outcome.done) {
      if (isGreen()) {
        park(call, {
          subscribe: (given): undefined => {
            waker = given;
          },
        });
      } else {
        runLoopUntil(() => outcome.done, call);
      }
    }
    if (outcome.error) throw outcome.error;
    return outcome.value;
  };
}

/** Suspends the green thread until Node's loop has been round once. */
function waitForPass(): void {
  park('runLoopOnce()', {
    subscribe: (waker) => {
      const immediate = setImmediate(() => waker.wake(undefined));
      return () => clearImmediate(immediate);
    },
  });
}

function sleep(timeout: number): void {
  validateMilliseconds(timeout, 'timeout');
  if (isGreen()) {
    greenSleep(timeout);
    return;
  }
  let over = false;
  setTimeout(() => (over = true), timeout);
  runLoopUntil(() => over, 'sleep()');
}

function loopWhile(predicate: () => unknown): void {
  validateFunction(predicate, 'predicate');
  if (!isGreen()) {
    runLoopWhile(predicate);
    return;
  }
  for (let looks = 0; predicate(); looks += 1) {
    if (looks < eagerPasses) waitForPass();
    else greenSleep(rest);
  }
}

function runLoopOnce(): void {
  if (isGreen()) waitForPass();
  else runOnce();
}

/** `require('verdant/deasync')`. */
interface DeasyncFunction {
  /**
   * A function that blocks until its original has called back, from one that takes a node-style callback as its last
   * argument. It throws what the callback is given as an error, and returns the value; `ERR_VERDANT_DEADLOCK` when nothing
   * is left that could ever call back.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what it returns nobody can know
  (fn: AnyFunction): (...args: any[]) => any;
  /** Blocks for so many milliseconds. */
  sleep: (timeout: number) => void;
  /** Blocks as long as `predicate` returns something true. */
  loopWhile: (predicate: () => unknown) => void;
  /** Lets everybody else go on once. */
  runLoopOnce: () => void;
}

/**
 * What the package deasync offers: asynchronous functions that block.
 *
 * On a green thread, or in a fiber, only that one is suspended. Elsewhere Node's loop is run inside of the call, as deasync
 * does it: then the first call to have begun returns last, and the reactions of a promise cannot be waited for inside of
 * another reaction.
 * @example
 * ```ts
 * import { stat } from 'node:fs';
 * import { run } from 'verdant';
 * import deasync from 'verdant/deasync';
 *
 * const statAndWait = deasync(stat);
 * await run(() => console.log(statAndWait('package.json').isFile())); // true
 * ```
 */
const deasync: DeasyncFunction = Object.assign((fn: AnyFunction) => convert(fn), { sleep, loopWhile, runLoopOnce });
Object.defineProperty(deasync, 'default', { value: deasync, configurable: true, writable: true });

// eslint-disable-next-line @typescript-eslint/no-namespace -- the only way to give `export =` a type
declare namespace deasync {
  /** What the module is. */
  type Deasync = DeasyncFunction;
}

export = deasync;
