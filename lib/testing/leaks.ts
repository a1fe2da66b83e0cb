import { setTimeout } from 'node:timers';
import { VerdantError } from '../errors';
import { getHub } from '../hub/registry';
import { validateFunction, validateMilliseconds, validateObject } from '../validate';
import { type Emitter, excess, measure } from './holdings';

/** See {@link assertNoLeaks}. */
export interface LeakOptions {
  /** How long to wait for what is on its way out, in milliseconds of real time. Default 2,000. */
  patience?: number | undefined;
  /** Whose listeners are counted too, beside those of `process`: AbortSignals, sockets, clients. */
  emitters?: readonly Emitter[] | undefined;
}

/** How often to look, in milliseconds. */
const interval = 5;

/**
 * Runs `fn` and makes sure that it leaves nothing behind: no green thread, stack, timer of the hub, waiter for a file
 * descriptor, listener or open file. Files are counted on Linux only. What is there before is nobody's leak.
 * @param fn - plain or async; green code goes into `run()`
 * @param options - `patience`, `emitters`
 * @returns what `fn` returns
 * @throws `ERR_VERDANT_LEAK`, naming what was left with counts, and the stacks of green threads; what `fn` throws
 * @example
 * ```ts
 * import { run, sleep, spawn } from 'verdant';
 * import { assertNoLeaks } from 'verdant/testing';
 *
 * await assertNoLeaks(() => run(() => sleep(10)));
 *
 * const forgetful = () => run(() => { spawn({ name: 'forgotten' }, sleep, 60_000); sleep(0); });
 * const error = await assertNoLeaks(forgetful, { patience: 10 }).catch((error) => error);
 * console.log(error.code); // ERR_VERDANT_LEAK
 * process.exit(0);
 * ```
 */
export async function assertNoLeaks<R>(fn: () => R, options?: LeakOptions): Promise<Awaited<R>> {
  validateFunction(fn, 'fn');
  const check = trackLeaks(options);
  const result = await fn();
  await check();
  return result;
}

/**
 * The same in two halves, for the hooks of a test runner: counts now what there is, and gives a function that makes sure
 * that there is no more of it.
 * @param options - `patience`, `emitters`
 * @returns rejects with `ERR_VERDANT_LEAK` when something was left behind
 * @example
 * ```ts
 * import { after, before } from 'node:test';
 * import { trackLeaks } from 'verdant/testing';
 *
 * let check: () => Promise<void>;
 * before(() => { check = trackLeaks(); });
 * after(() => check());
 * ```
 */
export function trackLeaks(options: LeakOptions = {}): () => Promise<void> {
  validateObject(options, 'options');
  const { patience = 2_000, emitters = [] } = options;
  validateMilliseconds(patience, 'options.patience');
  const before = measure(emitters);
  return async () => {
    const deadline = performance.now() + patience;
    // What is closed or killed is gone some turns of the loop later.
    for (;;) {
      const left = excess(before, measure(emitters));
      if (left.length === 0) return;
      if (performance.now() >= deadline) {
        throw new VerdantError('ERR_VERDANT_LEAK', `Something was left behind:\n${left.join('\n')}${parkedStacks()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, interval));
    }
  };
}

function parkedStacks(): string {
  const stacks = getHub()
    .suspendedFlows()
    .map((flow) => flow.describe());
  return stacks.length === 0 ? '' : `\n${stacks.join('\n')}`;
}
