import { isThenable, wait } from '../bridge/wait';
import { ClosedError, VerdantError } from '../errors';
import { getHub } from '../hub/registry';
import { type Timer } from '../hub/timer_queue';
import { type BlockingOptions, park, validateBlockingOptions } from '../park';
import { spawn } from '../spawn';
import {
  invalidType,
  outOfRange,
  validateCount,
  validateFunction,
  validateMilliseconds,
  validateObject,
} from '../validate';
import { WaitQueue } from '../wait_queue';
import { timeLeft } from './deadline';
import { IdleItems } from './idle_items';
import { Interruptions } from './interruptions';
import { Limit } from './limit';
import { outlast } from './outlast';
import { type Item, Items, newItem } from './pool_items';
import { wakeAll, wakeFirst } from '../sync/wake';

const getCall = 'Pool.get()';
const clearCall = 'Pool.clear()';

/** What a `Pool` may be told. */
export interface PoolOptions<T> {
  /** Makes an item, on the green thread that asks for it. May block, or give a promise. What it throws, `get` throws. */
  create: () => T | PromiseLike<T>;
  /**
   * Puts an item away for good, on a green thread of its own. May block, or give a promise. Its place is free when it is done.
   * What it throws surfaces as an unhandled rejection.
   */
  destroy?: ((item: T) => unknown) | undefined;
  /**
   * Whether an item that has lain idle is still good, asked on the green thread that is about to get it. May block, or give
   * a promise. False, and any error, mean that it is to be destroyed.
   */
  validate?: ((item: T) => boolean | PromiseLike<boolean>) | undefined;
  /**
   * So many are made ahead: by the constructor on a green thread, which throws what `create` throws; elsewhere soon after, and
   * what fails then is tried again by `get`. `idleTimeout` leaves as many. Default 0.
   */
  min?: number | undefined;
  /** There are never more at a time, those that are being made or destroyed included. Default 4. */
  max?: number | undefined;
  /** Which idle item is given first: the one that has been idle longest ('fifo', default) or shortest ('lifo'). */
  order?: 'fifo' | 'lifo' | undefined;
  /** Items that have been idle for so many milliseconds are destroyed. Default: never. */
  idleTimeout?: number | undefined;
  /** Items that were made so many milliseconds ago are destroyed, once they are idle. Default: never. */
  maxAge?: number | undefined;
}

/** The numbers of a `Pool`. */
export interface PoolStatistics {
  /** How many there may be. */
  max: number;
  /** How many places are taken: by items, and by those that are being made or destroyed. */
  size: number;
  /** Items that lie ready. */
  idle: number;
  /** Items that somebody has. */
  inUse: number;
  /** How many wait in `get`. */
  waiting: number;
  /** How many were made since the beginning. */
  created: number;
  /** How many were put away for good, or are about to be. */
  destroyed: number;
}

/** An item that goes back to its pool at the end of a scope. See `Pool.hold`. */
export interface Held<T> extends Disposable {
  /** The item. */
  readonly value: T;
}

// Given to a waiter in place of an item: it has a place, and makes one.
const makeOne = Symbol('make one');

/**
 * Keeps things that are dear to make, such as connections, for one user at a time. Who asks while all are taken waits, first
 * come, first served; an item that is put back goes straight to the one who has waited longest. Whatever interrupts a caller,
 * no item and no place is lost.
 *
 * The idea and the names are those of eventlet's Pool.
 * @example
 * ```ts
 * import { Pool, run, sleep, spawn } from 'verdant';
 *
 * await run(() => {
 *   let made = 0;
 *   const pool = new Pool({ max: 2, create: () => ({ number: (made += 1) }) });
 *   const work = () => pool.use((item) => { sleep(1); return item.number; });
 *   const numbers = [1, 2, 3, 4].map(() => spawn(work)).map((thread) => thread.wait());
 *   console.log(numbers); // [ 1, 2, 1, 2 ]
 * });
 * ```
 */
export class Pool<T> {
  readonly #create: () => T | PromiseLike<T>;
  readonly #destroy: ((item: T) => unknown) | undefined;
  readonly #validate: ((item: T) => boolean | PromiseLike<boolean>) | undefined;
  readonly #min: number;
  #max: number;
  readonly #lifo: boolean;
  readonly #idleTimeout: number;
  readonly #maxAge: number;

  /** Places that are taken. Never more than `#max`, but after `resize` to less. Nobody waits while there is a free one. */
  #size = 0;
  /** Those of them whose items are being destroyed. */
  #leaving = 0;
  #created = 0;
  #destroyed = 0;
  /** Nobody waits while there is one. */
  readonly #idle = new IdleItems<T>();
  readonly #items = new Items<T>();
  readonly #waiters = new WaitQueue();
  #sweeper: Timer | null = null;
  #closed = false;

  /**
   * @param options - `create`, and more; see `PoolOptions`
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`; on a green thread what `create` throws, when `min` is given
   */
  constructor(options: PoolOptions<T>) {
    validateOptions(options);
    this.#create = options.create;
    this.#destroy = options.destroy;
    this.#validate = options.validate;
    this.#min = options.min ?? 0;
    this.#max = options.max ?? Math.max(4, this.#min);
    this.#lifo = options.order === 'lifo';
    this.#idleTimeout = options.idleTimeout ?? Infinity;
    this.#maxAge = options.maxAge ?? Infinity;
    if (this.#min > 0) this.#makeAhead();
  }

  /**
   * Takes an item: an idle one, or a new one, or, when there may be no more, one that is put back.
   *
   * Legal anywhere if there is nothing to wait for. What unblocks it: `put`, `discard`, `resize`, an item that has been
   * destroyed, a `create` of somebody else that has failed, `close`.
   * @param options - `timeout` in milliseconds and `signal`; they also end a `create` or `validate` that blocks
   * @throws what `create` throws; `ERR_VERDANT_TIMEOUT`; the signal's reason; `ERR_VERDANT_CLOSED`; `ERR_VERDANT_NOT_GREEN`
   * when it would have to wait and cannot
   */
  get(options?: BlockingOptions): T {
    return this.#acquire(options).value;
  }

  /**
   * Gives an item back. It goes to the one who has waited longest, if there is any. Never blocks; legal anywhere.
   * @param value - an item from `get`
   * @throws `ERR_VERDANT_NOT_TAKEN` when it is not one that somebody has
   */
  put(value: T): void {
    this.#giveBack(this.#checkIn(value));
  }

  /**
   * Gives back an item that is good for nothing any more: it is destroyed, and its place is free. Never blocks; legal anywhere.
   * @param value - an item from `get`
   * @throws `ERR_VERDANT_NOT_TAKEN` when it is not one that somebody has
   */
  discard(value: T): void {
    this.#putAway(this.#checkIn(value));
  }

  /**
   * Calls `fn` with an item, and gives the item back when it is done, in whatever way; unless `fn` has done so itself.
   * @param fn - may block; when it gives a promise, that is waited for
   * @param options - as for `get`, for getting the item
   * @returns what `fn` returns
   * @throws what `fn` throws, and as `get`
   */
  use<R>(fn: (item: T) => R, options?: BlockingOptions): Awaited<R> {
    validateFunction(fn, 'fn');
    const item = this.#acquire(options);
    const { lease } = item;
    try {
      const result = fn(item.value);
      return isThenable(result) ? wait(result) : (result as Awaited<R>);
    } finally {
      this.#release(item, lease);
    }
  }

  /**
   * Takes an item for a scope: `using held = pool.hold()`. It is given back at the end of the scope, unless it was before.
   * @param options - as for `get`
   * @throws as `get`
   */
  hold(options?: BlockingOptions): Held<T> {
    const item = this.#acquire(options);
    const { lease, value } = item;
    return { value, [Symbol.dispose]: () => this.#release(item, lease) };
  }

  /**
   * Changes how many there may be. More: those who wait go on. Less: idle ones are destroyed, and others when they are put
   * back.
   * @param max - as in the options
   */
  resize(max: number): void {
    validateCount(max, 'max');
    this.#max = max;
    while (this.#size < max && wakeFirst(this.#waiters, makeOne)) this.#size += 1;
    while (this.#live > max && this.#idle.size > 0) this.#putAway(this.#idle.takeOldest()!);
  }

  /** How many `get` would give at once, idle ones and new ones. */
  free(): number {
    return this.#idle.size + Math.max(this.#max - this.#size, 0);
  }

  /** How many wait in `get`. */
  waiting(): number {
    return this.#waiters.size;
  }

  /** How many there may be. */
  get max(): number {
    return this.#max;
  }

  /**
   * Destroys all idle items. On a green thread it blocks until that is done; elsewhere, and when it is interrupted, that goes on
   * behind the caller.
   * @param options - `timeout` in milliseconds, `signal`
   * @throws `ERR_VERDANT_TIMEOUT`; the signal's reason
   */
  clear(options?: BlockingOptions): void {
    validateBlockingOptions(options);
    const left = timeLeft(options);
    const { queue, over } = this.#putAwayIdle();
    while (getHub().current !== null && !over()) park(clearCall, { ...left(), queue });
  }

  /**
   * As `clear()`, and for good: those who wait in `get`, and all who come later, get a `ClosedError`; items that are in use are
   * destroyed when they are put back. What interrupts it is kept until it is done. Calling it again does nothing more.
   */
  close(): void {
    this.#closed = true;
    for (let { first } = this.#waiters; first !== null; { first } = this.#waiters) {
      this.#waiters.remove(first);
      first.wakeWithError(new ClosedError('The pool was closed'));
    }
    const { queue, over } = this.#putAwayIdle();
    if (getHub().current !== null) outlast('Pool.close()', queue, over);
  }

  /** As `close()`. For `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** How many there are, where they are, and how many there have been. */
  statistics(): PoolStatistics {
    return {
      max: this.#max,
      size: this.#size,
      idle: this.#idle.size,
      inUse: this.#items.taken,
      waiting: this.#waiters.size,
      created: this.#created,
      destroyed: this.#destroyed,
    };
  }

  // --- getting ------------------------------------------------------------------------------------------------------

  #acquire(options: BlockingOptions | undefined): Item<T> {
    validateBlockingOptions(options);
    if (this.#closed) throw new ClosedError('The pool was closed');
    if (options?.signal?.aborted === true) throw options.signal.reason;
    const limit = options === undefined ? null : new Limit(getCall, options);
    let got = this.#takeIdle() ?? this.#takePlace() ?? this.#queueUp(limit);
    while (got !== makeOne && !this.#isGood(got, limit)) {
      const bad = got;
      const other = this.#takeIdle();
      if (other !== null) this.#putAway(bad);
      got = other ?? this.#replace(bad, limit);
    }
    return this.#checkOut(got === makeOne ? this.#make(limit) : got);
  }

  #takeIdle(): Item<T> | null {
    for (;;) {
      const item = this.#lifo ? this.#idle.takeLatest() : this.#idle.takeOldest();
      if (item === null) return null;
      if (this.#idle.size === 0) this.#stopSweeper();
      if (!this.#isExpired(item)) return item;
      this.#putAway(item);
    }
  }

  #takePlace(): typeof makeOne | null {
    if (this.#size >= this.#max) return null;
    this.#size += 1;
    return makeOne;
  }

  #queueUp(limit: Limit | null): Item<T> | typeof makeOne {
    return park(getCall, { ...limit?.left(), queue: this.#waiters, keeps: true }) as Item<T> | typeof makeOne;
  }

  // The item's place is ours, and stays so unless this throws.
  #isGood(item: Item<T>, limit: Limit | null): boolean {
    if (this.#validate === undefined || item.fresh) return true;
    try {
      return within(limit, () => this.#check(item.value));
    } catch (error) {
      this.#putAway(item);
      throw error;
    }
  }

  #check(value: T): boolean {
    const interruptions = new Interruptions();
    try {
      return settled(this.#validate!(value));
    } catch (error) {
      if (interruptions.includes(error)) throw error;
      return false;
    }
  }

  // A bad item for a new one in its place; whoever comes first in the queue must not get the place.
  #replace(item: Item<T>, limit: Limit | null): typeof makeOne {
    if (this.#destroy === undefined) {
      this.#destroyed += 1;
      this.#items.remove(item);
      return makeOne;
    }
    const done = new WaitQueue();
    this.#putAway(item, () => wakeFirst(done, makeOne));
    return park(getCall, { ...limit?.left(), queue: done, keeps: true }) as typeof makeOne;
  }

  // The place is ours; given back if this fails.
  #make(limit: Limit | null): Item<T> {
    try {
      const value = within(limit, () => settled(this.#create()));
      this.#created += 1;
      const createdAt = this.#ages ? getHub().time() : 0;
      const item = newItem(value, createdAt);
      this.#items.add(item);
      return item;
    } catch (error) {
      this.#freePlace();
      throw error;
    }
  }

  #checkOut(item: Item<T>): Item<T> {
    item.fresh = false;
    item.idleSince = Infinity;
    this.#items.take(item);
    return item;
  }

  // --- giving back --------------------------------------------------------------------------------------------------

  #checkIn(value: T): Item<T> {
    const item = this.#items.takeBack(value);
    if (item === null) {
      throw new VerdantError(
        'ERR_VERDANT_NOT_TAKEN',
        'The item is not one that was taken from the pool, or was put back',
      );
    }
    return item;
  }

  #release(item: Item<T>, lease: number): void {
    if (this.#items.endLease(item, lease)) this.#giveBack(item);
  }

  #giveBack(item: Item<T>): void {
    if (this.#closed || this.#live > this.#max || this.#isExpired(item)) this.#putAway(item);
    else if (!wakeFirst(this.#waiters, item)) this.#layDown(item);
  }

  #layDown(item: Item<T>): void {
    item.fresh = false;
    this.#idle.push(item);
    if (!this.#ages) return;
    item.idleSince = getHub().time();
    if (this.#expiry(item) < (this.#sweeper?.deadline ?? Infinity)) this.#sweep();
  }

  /** Destroys it and frees its place then, unless `handOver` has found somebody for it. */
  #putAway(item: Item<T>, handOver?: () => boolean | undefined): void {
    this.#destroyed += 1;
    this.#leaving += 1;
    this.#items.remove(item);
    const gone = (): void => {
      this.#leaving -= 1;
      if (handOver?.() !== true) this.#freePlace();
    };
    if (this.#destroy === undefined) {
      gone();
      return;
    }
    const destroy = this.#destroy;
    const { value } = item;
    const thread = spawn({ name: 'Pool.destroy', context: 'empty' }, () => void settled(destroy(value)));
    thread.onCleanup(gone);
  }

  #putAwayIdle(): { queue: WaitQueue; over: () => boolean } {
    const queue = new WaitQueue();
    let left = this.#idle.size;
    for (const item of this.#idle) {
      this.#idle.remove(item);
      this.#putAway(item, () => {
        left -= 1;
        if (left === 0) wakeAll(queue, undefined);
        return false;
      });
    }
    this.#stopSweeper();
    return { queue, over: () => left === 0 };
  }

  #freePlace(): void {
    if (this.#size <= this.#max && wakeFirst(this.#waiters, makeOne)) return;
    this.#size -= 1;
  }

  // --- ageing -------------------------------------------------------------------------------------------------------

  /** Places that will still be taken when those that are leaving are gone. */
  get #live(): number {
    return this.#size - this.#leaving;
  }

  get #ages(): boolean {
    return this.#idleTimeout !== Infinity || this.#maxAge !== Infinity;
  }

  // When an idle item is to go: it is too old, or has been idle too long and is not needed for `min`.
  #expiry(item: Item<T>): number {
    const idle = this.#live > this.#min ? item.idleSince + this.#idleTimeout : Infinity;
    return Math.min(idle, item.createdAt + this.#maxAge);
  }

  #isExpired(item: Item<T>): boolean {
    return this.#ages && getHub().time() >= this.#expiry(item);
  }

  // Puts away what has expired, and comes again when the next one does.
  readonly #sweep = (): void => {
    this.#stopSweeper();
    let next = Infinity;
    for (const item of this.#idle) {
      if (this.#isExpired(item)) {
        this.#idle.remove(item);
        this.#putAway(item);
      } else next = Math.min(next, this.#expiry(item));
    }
    if (next !== Infinity) this.#sweeper = getHub().startTimer(Math.max(next - getHub().time(), 0), this.#sweep);
  };

  #stopSweeper(): void {
    this.#sweeper?.cancel();
    this.#sweeper = null;
  }

  // --- making ahead -------------------------------------------------------------------------------------------------

  #makeAhead(): void {
    if (getHub().current === null) {
      spawn({ name: 'Pool.min', context: 'empty' }, () => {
        try {
          this.#fill();
        } catch {
          // Nobody has asked for it yet: who does, tries again and hears of it.
        }
      });
      return;
    }
    try {
      this.#fill();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #fill(): void {
    while (this.#size < this.#min && !this.#closed) {
      this.#size += 1;
      this.#giveBack(this.#make(null));
    }
  }
}

function within<R>(limit: Limit | null, fn: () => R): R {
  return limit === null ? fn() : limit.run(fn);
}

function settled<R>(result: R | PromiseLike<R>): R {
  return isThenable(result) ? (wait<unknown>(result) as R) : result;
}

function validateOptions<T>(options: PoolOptions<T>): void {
  validateObject(options, 'options');
  const { create, destroy, validate, min = 0, max = Math.max(4, min), order, idleTimeout, maxAge } = options;
  validateFunction(create, 'options.create');
  if (destroy !== undefined) validateFunction(destroy, 'options.destroy');
  if (validate !== undefined) validateFunction(validate, 'options.validate');
  validateCount(min, 'options.min');
  validateCount(max, 'options.max');
  if (min > max) throw outOfRange('options.min', `<= options.max (${max})`, min);
  if (order !== undefined && order !== 'fifo' && order !== 'lifo') {
    throw invalidType('options.order', "one of 'fifo' and 'lifo'", order);
  }
  if (idleTimeout !== undefined) validateMilliseconds(idleTimeout, 'options.idleTimeout');
  if (maxAge !== undefined) validateMilliseconds(maxAge, 'options.maxAge');
}
