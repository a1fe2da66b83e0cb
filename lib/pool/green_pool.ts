import { DeadlockError } from '../errors';
import { type GreenThread } from '../green_thread';
import { type BlockingOptions, park, validateBlockingOptions } from '../park';
import { killOnAbort } from '../spawn';
import { captureSpawnStack } from '../spawn_stack';
import { WaitQueue } from '../wait_queue';
import { timeLeft } from './deadline';
import { rowsOf, zip } from './rows';
import { runInline } from './run_inline';
import { type MapFunction, MapIterator, type PoolIterator } from './map_iterator';
import { isMember, MemberThread } from './member_thread';
import { type Places } from './places';
import { type AnyFunction, type PoolSpawnOptions, spawnArguments } from './spawn_arguments';
import { validateSize } from './validate_size';
import { wakeAll, wakeFirst } from '../sync/wake';

const spawnCall = 'GreenPool.spawn()';
const waitAllCall = 'GreenPool.waitAll()';

/** The numbers of a `GreenPool`. */
export interface GreenPoolStatistics {
  /** How many may run at a time. */
  size: number;
  /** How many hold a place. */
  running: number;
  /** How many more would get one at once. Negative after `resize` to less than run. */
  free: number;
  /** How many wait in `spawn` for a place. */
  waiting: number;
  /** How many wait in `waitAll`. */
  waitingForAll: number;
}

/**
 * Runs functions on green threads of their own, at most `size` at a time. Places are given out first come, first served,
 * and straight from the one that ends to the one that has waited longest. A function that fails or is killed gives its
 * place back as any other.
 *
 * The idea and the names are those of eventlet's GreenPool.
 * @example
 * ```ts
 * import { GreenPool, run, sleep } from 'verdant';
 *
 * await run(() => {
 *   const pool = new GreenPool(2);
 *   const double = (n: number) => { sleep(n); return 2 * n; };
 *   console.log(pool.spawn(double, 21).wait()); // 42
 *   console.log([...pool.imap(double, [3, 1, 2])]); // [ 6, 2, 4 ]
 *   pool.waitAll();
 * });
 * ```
 */
export class GreenPool implements Places {
  #size: number;
  #running = 0;
  readonly #waiters = new WaitQueue();
  readonly #waitersForAll = new WaitQueue();
  readonly #leave = (): void => this.leave();

  /**
   * @param size - how many may run at a time; 0 lets none run until it is resized, Infinity sets no limit. Default 1000
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   */
  constructor(size = 1000) {
    validateSize(size, 'size');
    this.#size = size;
  }

  /** How many may run at a time. */
  get size(): number {
    return this.#size;
  }

  /**
   * Starts `fn` on a green thread of the pool. Blocks while the pool is full; called by a green thread of this very pool
   * while it is full, it runs `fn` right here in place of that, so that a pool cannot wait for itself. Then `fn` runs on the
   * caller's green thread, and is over when `spawn` returns.
   *
   * Legal anywhere while there is a place. What unblocks it: the end of a green thread of the pool, and `resize`.
   * @param fn - may call anything that blocks
   * @param args - its arguments
   * @returns the green thread
   * @throws `ERR_VERDANT_TIMEOUT` (`options.timeout`, for a place), the signal's reason, `ERR_VERDANT_NOT_GREEN` when it would
   * have to wait and cannot; then `fn` is not run
   */
  spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): GreenThread<R>;
  /**
   * As above, with options before the function.
   * @param options - those of `spawn`, and `timeout`: how many milliseconds to wait for a place. An abort of `signal` while
   * waiting ends the wait, and later kills the green thread
   */
  spawn<A extends unknown[], R>(options: PoolSpawnOptions, fn: (...args: A) => R, ...args: A): GreenThread<R>;
  spawn(first: unknown, ...rest: unknown[]): GreenThread {
    const { options, fn, args } = spawnArguments(first, rest);
    if (this.#running < this.#size) this.#running += 1;
    else if (isMember(this)) return this.#runHere(fn, args, options);
    else this.waitForPlace(spawnCall, options);
    return this.start(fn, args, options);
  }

  /**
   * As `spawn`, for when nobody looks at the outcome. An error still surfaces, as an unhandled rejection.
   * @param fn - may call anything that blocks
   * @param args - its arguments
   */
  spawnN<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): void {
    this.spawn(fn, ...args);
  }

  /**
   * Blocks until nothing runs in the pool.
   * @param options - `timeout` in milliseconds, `signal`
   * @throws `ERR_VERDANT_DEADLOCK` when a green thread of the pool calls it, which could only wait for itself;
   * `ERR_VERDANT_TIMEOUT`; the signal's reason; `ERR_VERDANT_NOT_GREEN` when it would have to wait and cannot
   */
  waitAll(options?: BlockingOptions): void {
    validateBlockingOptions(options);
    if (isMember(this)) {
      throw new DeadlockError(`${waitAllCall} was called by a green thread of the pool, so it would wait for itself`);
    }
    const left = timeLeft(options);
    while (this.#running > 0) park(waitAllCall, { ...left(), queue: this.#waitersForAll });
  }

  /**
   * Changes how many may run at a time. What runs goes on, whatever the new size; those who wait get the new places.
   * @param size - as for the constructor
   */
  resize(size: number): void {
    validateSize(size, 'size');
    this.#size = size;
    while (this.#running < this.#size && wakeFirst(this.#waiters, undefined)) this.#running += 1;
  }

  /** How many green threads hold a place. */
  running(): number {
    return this.#running;
  }

  /** How many more may start at once. Negative after `resize` to less than run. */
  free(): number {
    return this.#size - this.#running;
  }

  /** How many wait in `spawn` for a place. */
  waiting(): number {
    return this.#waiters.size;
  }

  /** The numbers above, and some more. */
  statistics(): GreenPoolStatistics {
    return {
      size: this.#size,
      running: this.#running,
      free: this.free(),
      waiting: this.#waiters.size,
      waitingForAll: this.#waitersForAll.size,
    };
  }

  /**
   * Calls `fn` for each item on a green thread of this pool, and gives the results in the order of the items as they come:
   * `next()` blocks until the next one is there. What `fn` throws for an item is thrown at that item, and the iteration may
   * go on behind it.
   *
   * Nothing begins before the first `next()`. From then on the items are fetched on a green thread of their own, so far
   * ahead that there are never more than `size` (at most 1000) that have been begun and not been asked for: a source without
   * an end is welcome. Leaving the loop early (`return()`, `using`) kills what is still running, waits for its end, and
   * closes the source. What is killed in `next()` closes it too; a timeout there loses no result.
   * @param fn - gets one argument from each iterable; null gives the arguments themselves, as an array
   * @param iterables - at least one; the shortest ends it. Their `next()` may block
   * @returns an iterator whose `next()` also takes `{ timeout, signal }`
   * @throws (`next()`) what `fn` threw; what an iterable threw, which ends it; `ERR_VERDANT_TIMEOUT`; the signal's reason;
   * `ERR_VERDANT_NOT_GREEN`
   * @example
   * ```ts
   * import { GreenPool, run, sleep } from 'verdant';
   *
   * await run(() => {
   *   function* numbers() { for (let n = 0; ; n += 1) yield n; }
   *   const squares = new GreenPool(10).imap((n: number) => { sleep(1); return n * n; }, numbers());
   *   for (const square of squares) {
   *     console.log(square); // 0, 1, 4
   *     if (square === 4) break;
   *   }
   * });
   * ```
   */
  imap<A extends unknown[], R>(fn: (...args: NoInfer<A>) => R, ...iterables: IterablesOf<A>): PoolIterator<R>;
  /** As above: the arguments themselves. */
  imap<A extends unknown[]>(fn: null | undefined, ...iterables: IterablesOf<A>): PoolIterator<A>;
  imap(fn: MapFunction | null | undefined, ...iterables: Iterable<unknown>[]): PoolIterator<unknown> {
    return new MapIterator(this, fn, zip(iterables), true);
  }

  /**
   * As `imap`, but gives each result as soon as it is there.
   * @param fn - gets one argument from each iterable; null gives the arguments themselves, as an array
   * @param iterables - at least one; the shortest ends it
   */
  imapUnordered<A extends unknown[], R>(fn: (...args: NoInfer<A>) => R, ...iterables: IterablesOf<A>): PoolIterator<R>;
  /** As above: the arguments themselves. */
  imapUnordered<A extends unknown[]>(fn: null | undefined, ...iterables: IterablesOf<A>): PoolIterator<A>;
  imapUnordered(fn: MapFunction | null | undefined, ...iterables: Iterable<unknown>[]): PoolIterator<unknown> {
    return new MapIterator(this, fn, zip(iterables), false);
  }

  /**
   * As `imap`, for arguments that come in arrays already.
   * @param fn - gets the items of each array as its arguments; null gives the arrays
   * @param iterable - gives arrays (or other iterables)
   */
  starmap<A extends unknown[], R>(fn: (...args: A) => R, iterable: Iterable<A>): PoolIterator<R>;
  /** As above: the arrays themselves. */
  starmap<A extends unknown[]>(fn: null | undefined, iterable: Iterable<A>): PoolIterator<A>;
  starmap(fn: MapFunction | null | undefined, iterable: Iterable<Iterable<unknown>>): PoolIterator<unknown> {
    return new MapIterator(this, fn, rowsOf(iterable), true);
  }

  /**
   * As `imap`, but blocks until all is done and gives an array. The first error, in the order of the items, ends it: then
   * what still runs is killed.
   * @param fn - gets one argument from each iterable
   * @param iterables - at least one; the shortest ends it
   * @throws what `fn` or an iterable threw; `ERR_VERDANT_NOT_GREEN`
   */
  map<A extends unknown[], R>(fn: (...args: NoInfer<A>) => R, ...iterables: IterablesOf<A>): R[];
  /** As above: the arguments themselves. */
  map<A extends unknown[]>(fn: null | undefined, ...iterables: IterablesOf<A>): A[];
  map(fn: MapFunction | null | undefined, ...iterables: Iterable<unknown>[]): unknown[] {
    const results = new MapIterator(this, fn, zip(iterables), true);
    try {
      return [...results];
    } finally {
      results.return();
    }
  }

  // --- for what is built on it --------------------------------------------------------------------------------------

  /**
   * @internal Blocks until a place is handed over. Gives what it was woken with: undefined, unless it was told that the
   * place is needed no more.
   */
  waitForPlace(call: string, options: BlockingOptions | undefined): unknown {
    return park(call, {
      timeout: options?.timeout,
      signal: options?.signal,
      queue: this.#waiters,
      keeps: true,
    });
  }

  /** @internal Takes a place if there is one. */
  tryPlace(): boolean {
    if (this.#running >= this.#size) return false;
    this.#running += 1;
    return true;
  }

  /** @internal Starts a green thread in a place that has been taken. */
  start(fn: AnyFunction, args: unknown[], options: PoolSpawnOptions | undefined): MemberThread {
    let thread: MemberThread;
    try {
      thread = new MemberThread(this, fn, args, captureSpawnStack(), options);
    } catch (error) {
      this.leave();
      throw error;
    }
    thread.onCleanup(this.#leave);
    thread.start();
    if (options?.signal !== undefined) killOnAbort(thread, options.signal);
    return thread;
  }

  /** @internal Gives a place back: to the one who has waited longest, unless the pool has shrunk. */
  leave(): void {
    if (this.#running <= this.#size && wakeFirst(this.#waiters, undefined)) return;
    this.#running -= 1;
    if (this.#running === 0) wakeAll(this.#waitersForAll, undefined);
  }

  #runHere(fn: AnyFunction, args: unknown[], options: PoolSpawnOptions | undefined): GreenThread {
    const outcome = runInline(fn, args, options?.signal);
    const thread = new MemberThread(this, fn, args, captureSpawnStack(), options);
    if ('error' in outcome) thread.threw(outcome.error);
    else thread.returned(outcome.value);
    return thread;
  }
}

/** One iterable for each argument. */
export type IterablesOf<A extends unknown[]> = { [K in keyof A]: Iterable<A[K]> };
