import { type GreenThread } from '../green_thread';
import { type BlockingOptions, validateBlockingOptions } from '../park';
import { invalidType } from '../validate';
import { GreenPool } from './green_pool';
import { outcomeOf, Results, stepOf } from './results';
import { type PoolSpawnOptions, spawnArguments } from './spawn_arguments';

const call = 'GreenPile.next()';

/** The numbers of a `GreenPile`. */
export interface GreenPileStatistics {
  /** Results that have not been asked for: of what runs, and of what has ended. */
  results: number;
  /** How many wait in `next` for a result. */
  waiting: number;
}

/**
 * Runs functions in a `GreenPool` and gives their results by iteration, in the order in which they were spawned. What one
 * threw is thrown at its place, and the iteration may go on behind it. The iteration ends when all that was spawned has been
 * given; one may spawn more and iterate again.
 *
 * Results that nobody has asked for are kept: iterate as you spawn, or use `pool.imap`, when there are many. An iteration
 * that is left early loses none of them, nor does one that is interrupted.
 *
 * The idea and the names are those of eventlet's GreenPile.
 * @example
 * ```ts
 * import { GreenPile, run, sleep } from 'verdant';
 *
 * await run(() => {
 *   const pile = new GreenPile<string>(10);
 *   for (const name of ['c', 'b', 'a']) pile.spawn(() => { sleep(5); return name; });
 *   console.log([...pile]); // [ 'c', 'b', 'a' ]
 * });
 * ```
 */
export class GreenPile<R = unknown> implements IterableIterator<R, undefined, BlockingOptions | undefined> {
  /** The pool in which its functions run. */
  readonly pool: GreenPool;
  readonly #results = new Results<R>(true);

  /**
   * @param sizeOrPool - a pool, which others may use too, or the size of a new one. Default 1000
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   */
  constructor(sizeOrPool: number | GreenPool = 1000) {
    if (typeof sizeOrPool !== 'number' && !(sizeOrPool instanceof GreenPool)) {
      throw invalidType('sizeOrPool', 'a GreenPool or of type number', sizeOrPool);
    }
    this.pool = typeof sizeOrPool === 'number' ? new GreenPool(sizeOrPool) : sizeOrPool;
  }

  /**
   * Starts `fn` in the pool, as `GreenPool.spawn` does: blocks while it is full. The result is the next one of the iteration.
   * @param fn - may call anything that blocks
   * @param args - its arguments
   * @returns the green thread; killed, it gives its reason as an error of the iteration
   * @throws as `GreenPool.spawn`; then `fn` is not run, and there is no result
   */
  spawn<A extends unknown[]>(fn: (...args: A) => R, ...args: A): GreenThread<R>;
  /**
   * As above, with options before the function.
   * @param options - those of `GreenPool.spawn`
   */
  spawn<A extends unknown[]>(options: PoolSpawnOptions, fn: (...args: A) => R, ...args: A): GreenThread<R>;
  spawn(first: unknown, ...rest: unknown[]): GreenThread<R> {
    const { options = {}, fn, args } = spawnArguments(first, rest);
    // Who iterates meanwhile must not think that this was all.
    this.#results.sourceBegan();
    try {
      const thread = this.pool.spawn(options, fn, ...args) as GreenThread<R>;
      const place = this.#results.expect();
      if (thread.dead) this.#results.settle(place, outcomeOf(thread));
      else thread.onEnd(() => this.#results.settle(place, outcomeOf(thread)));
      return thread;
    } finally {
      this.#results.sourceEnded();
    }
  }

  /**
   * Blocks until the next result is there. Any number of green threads may ask; each gets another result. Interrupted, it
   * has taken nothing. Legal anywhere if it need not wait.
   * @param options - `timeout` in milliseconds, `signal`
   * @throws what that function threw; `ERR_VERDANT_TIMEOUT`; the signal's reason; `ERR_VERDANT_NOT_GREEN`
   */
  next(options?: BlockingOptions): IteratorResult<R, undefined> {
    validateBlockingOptions(options);
    return stepOf(this.#results.next(call, options));
  }

  /** Itself. */
  [Symbol.iterator](): this {
    return this;
  }

  /** How many results have not been asked for, and how many ask. */
  statistics(): GreenPileStatistics {
    return { results: this.#results.size, waiting: this.#results.waiting.size };
  }
}
