import { ClosedError, QueueEmpty, QueueFull } from '../errors';
import { type BlockingOptions, park, requireGreen, validateBlockingOptions } from '../park';
import { validateCount, validateObject } from '../validate';
import { WaitQueue } from '../wait_queue';
import { QueueAsyncIterator } from './queue_async_iterator';
import { QueuePeeker } from './queue_peeker';
import { accepted, ended, granted, meetInterruption, type QueuePlace, refused } from './queue_place';
import { QueuePutters } from './queue_putters';
import { QueueRing } from './queue_ring';
import { type QueueStore } from './queue_store';

/** What every queue may be told. */
export interface QueueOptions {
  /** How many items fit in; 0: each item is handed over in person. Default, or Infinity: any number. */
  maxSize?: number | null | undefined;
}

/** A queue's counters at one moment. */
export interface QueueStatistics {
  /** Items in the queue. */
  size: number;
  /** How many fit in; Infinity: any number. */
  maxSize: number;
  /** Those who wait for an item. */
  getting: number;
  /** Those who wait for room. */
  putting: number;
  /** Items handed to green threads that have not run since. */
  handedOver: number;
  /** Whether `close` was called. */
  closed: boolean;
}

const getCall = 'Queue.get()';
const putCall = 'Queue.put()';
const peekCall = 'Queue.peek()';

/**
 * A queue of items between green threads, first in, first out, and first come, first served on either side.
 *
 * `get` blocks while there is nothing, `put` while there is no room. `putNowait`, `getNowait`, `close`, `resize` and async
 * iteration are for any place: green threads, plain callbacks, async code. An item that is put goes to the first who waits,
 * at once: nobody who comes later can take it.
 *
 * Nothing is lost by an interruption (timeout, abort, kill). A getter that is interrupted after an item was handed to it
 * gives it to the next one, or back to the front of the queue (also when that makes one more than `maxSize`). A putter
 * whose item was taken has put it, and meets the interruption at its next suspension.
 *
 * With `maxSize` 0 there is no room: `put` waits until a getter takes the item, `empty()` and `full()` are both true.
 * @example
 * ```ts
 * import { LightQueue, run, spawn } from 'verdant';
 *
 * await run(() => {
 *   const queue = new LightQueue<number>(2);
 *   spawn(() => {
 *     for (let n = 1; n <= 5; n += 1) queue.put(n); // waits whenever two are in the queue
 *     queue.close();
 *   });
 *   console.log([...queue].join(' ')); // 1 2 3 4 5
 * });
 * ```
 */
export class LightQueue<T = unknown> implements Iterable<T>, AsyncIterable<T> {
  // If somebody waits for an item then there is none, neither here nor with a putter, but for a select() that offers to
  // both sides. If somebody waits for room then there is none.
  /** @internal Which item is next. */
  protected store: QueueStore<T> = new QueueRing<T>();
  readonly #getters = new WaitQueue();
  readonly #putters: QueuePutters<T>;
  // How those who have no options of their own wait: made once.
  readonly #gets = { queue: this.#getters, keeps: true };
  readonly #puts: { queue: QueuePutters<T>; keeps: true };
  // Items of getters that were woken and have not run since; those run in the order in which they were woken.
  readonly #handed = new QueueRing<T>();
  #maxSize: number;
  #peeking = 0;
  #closed = false;
  #dropped = false;

  /**
   * @param maxSize - how many items fit in; 0: rendezvous; undefined, null or Infinity: any number. Or `{ maxSize }`
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` for what is not an integer from 0 on
   */
  constructor(maxSize?: number | null | QueueOptions) {
    this.#maxSize = sizeOf(typeof maxSize === 'object' && maxSize !== null ? maxSize.maxSize : maxSize);
    this.#putters = new QueuePutters<T>(() => {
      if (this.#peeking > 0) this.#serve();
    });
    this.#puts = { queue: this.#putters, keeps: true };
  }

  /** How many items fit in; Infinity: any number. */
  get maxSize(): number {
    return this.#maxSize;
  }

  /** True once `close` was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Items in the queue; one that was handed to a getter is not. */
  size(): number {
    return this.store.size;
  }

  /** True if there is nothing in the queue. */
  empty(): boolean {
    return this.store.size === 0;
  }

  /** True if there is no room. */
  full(): boolean {
    return this.store.size >= this.#maxSize;
  }

  /** How many wait for room. */
  putting(): number {
    return this.#putters.size;
  }

  /** How many wait for an item. */
  getting(): number {
    return this.#getters.size;
  }

  /** The queue's counters. */
  statistics(): QueueStatistics {
    return {
      size: this.store.size,
      maxSize: this.#maxSize,
      getting: this.#getters.size,
      putting: this.#putters.size,
      handedOver: this.#handed.size,
      closed: this.#closed,
    };
  }

  /**
   * Puts an item, waiting until there is room (with `maxSize` 0: until somebody takes it).
   * @param item - anything
   * @param options - `timeout` in milliseconds, `signal`
   * @throws `ERR_VERDANT_TIMEOUT`; the signal's reason; `ERR_VERDANT_CLOSED` if the queue is closed, also while waiting;
   * `ERR_VERDANT_NOT_GREEN` outside a green thread. The item was not put then
   */
  put(item: T, options?: BlockingOptions): void {
    begin(putCall, 'use putNowait()', options);
    if (!this.offer(item)) this.#waitToPut(item, options);
  }

  /**
   * Puts an item if there is room now, or (also with `maxSize` 0) somebody waits for it. Legal anywhere.
   * @param item - anything
   * @throws `ERR_VERDANT_QUEUE_FULL`; `ERR_VERDANT_CLOSED`
   */
  putNowait(item: T): void {
    if (!this.offer(item)) throw new QueueFull();
  }

  /**
   * Takes the next item, waiting until there is one.
   * @param options - `timeout` in milliseconds, `signal`
   * @returns the item
   * @throws `ERR_VERDANT_TIMEOUT`; the signal's reason; `ERR_VERDANT_CLOSED` if the queue is closed and nothing is left, also
   * while waiting; `ERR_VERDANT_NOT_GREEN` outside a green thread. Nothing was taken then
   */
  get(options?: BlockingOptions): T {
    begin(getCall, 'use getNowait() or for await', options);
    if (this.hasItem()) return this.#take();
    if (this.drained()) throw closedError();
    return this.collect(getCall, this.#park(options));
  }

  /**
   * Takes the next item if there is one now, in the queue or with somebody who waits to put it. Legal anywhere.
   * @returns the item
   * @throws `ERR_VERDANT_QUEUE_EMPTY`; `ERR_VERDANT_CLOSED` if the queue is closed and nothing is left
   */
  getNowait(): T {
    if (this.hasItem()) return this.#take();
    throw this.drained() ? closedError() : new QueueEmpty();
  }

  /**
   * The item that `get` would take, left in the queue; waits until there is one.
   * @param options - `timeout` in milliseconds, `signal`
   * @returns the item
   * @throws as `get`
   */
  peek(options?: BlockingOptions): T {
    begin(peekCall, 'use peekNowait()', options);
    if (this.hasItem()) return this.#front();
    if (this.drained()) throw closedError();
    const outcome = park(peekCall, {
      ...options,
      subscribe: (waker) => {
        const peeker = new QueuePeeker(waker);
        this.#peeking += 1;
        this.#getters.push(peeker);
        return () => {
          this.#peeking -= 1;
          peeker.leave();
        };
      },
    });
    if (outcome === ended) throw closedError();
    return outcome as T;
  }

  /**
   * As `peek`, if there is an item now. Legal anywhere.
   * @throws as `getNowait`
   */
  peekNowait(): T {
    if (this.hasItem()) return this.#front();
    throw this.drained() ? closedError() : new QueueEmpty();
  }

  /**
   * Changes how many items fit in. Those who wait for room get what there is more of; what is in already stays. Legal
   * anywhere.
   * @param maxSize - as for the constructor
   */
  resize(maxSize?: number | null): void {
    this.#maxSize = sizeOf(maxSize);
    this.#admit();
    this.#serve();
  }

  /**
   * Ends the queue: who puts from now on, or waits to put, gets `ERR_VERDANT_CLOSED`; those who get, get what is left, and
   * then `ERR_VERDANT_CLOSED`; iterations end. Legal anywhere, any number of times.
   * @param options - `immediate`: drop what is left
   */
  close(options?: { immediate?: boolean }): void {
    if (options !== undefined) validateObject(options, 'options');
    this.#closed = true;
    for (let { first } = this.#putters; first !== null; first = this.#putters.first) {
      this.#putters.remove(first);
      first.wake(refused);
    }
    if (options?.immediate === true) {
      this.#dropped = true;
      const { size } = this.store;
      this.store.clear();
      if (size > 0) this.tally(-size);
    }
    this.#tellEnd();
  }

  /** The items, taken one by one, up to the queue's end. Blocks as `get` does. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (;;) {
      requireGreen(getCall, 'use getNowait() or for await');
      if (this.hasItem()) {
        yield this.#take();
      } else {
        if (this.drained()) return;
        const outcome = this.#park(undefined);
        if (outcome === ended) {
          meetInterruption(getCall);
          return;
        }
        yield this.collect(getCall, outcome);
      }
    }
  }

  /**
   * The items for async code, taken one by one as they are asked for, up to the queue's end. Several iterations and green
   * threads share the items, first come, first served. One that is left early takes nothing any more.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return new QueueAsyncIterator<T>(this);
  }

  // --- the inside, also for select() and async iteration ------------------------------------------------------------

  /** @internal Whether an item can be taken at once. */
  hasItem(): boolean {
    return this.store.size > 0 || this.#putters.first !== null;
  }

  /** @internal Whether nothing will ever be there again. An item that was handed over may yet come back. */
  drained(): boolean {
    return this.#closed && this.store.size === 0 && this.#handed.size === 0;
  }

  /** @internal Whether an item could be put at once, or would be refused. */
  takesItem(): boolean {
    return this.#closed || this.store.size < this.#maxSize || this.#getters.size > this.#peeking;
  }

  /** @internal Puts an item if that can be done at once. */
  offer(item: T): boolean {
    if (this.#closed) throw closedError();
    const { store } = this;
    const getting = this.#getters.size;
    if (store.size >= this.#maxSize && getting === this.#peeking) return false;
    store.push(item);
    this.tally(1);
    if (getting > 0) this.#serve();
    return true;
  }

  /** @internal */
  joinGetters(place: QueuePlace): void {
    this.#getters.push(place);
  }

  /** @internal */
  joinPutters(place: QueuePlace, item: T): void {
    this.#putters.incoming = item;
    this.#putters.push(place);
  }

  /** @internal What a getter that was woken has got; it runs again now. */
  collect(call: string, outcome: unknown): T {
    if (outcome === ended) {
      meetInterruption(call);
      throw closedError();
    }
    try {
      meetInterruption(call);
    } catch (error) {
      this.#takeBack();
      throw error;
    }
    const item = this.#handed.shift();
    if (this.#closed) this.#tellEnd();
    return item;
  }

  /** @internal For a getter that takes its item right when it is woken. */
  takeNewlyHanded(): T {
    return this.#handed.pop();
  }

  /** @internal What a putter that was woken has to be told. */
  confirm(call: string, outcome: unknown): void {
    if (outcome === accepted) return;
    meetInterruption(call);
    throw closedError();
  }

  /** @internal Told how many items have come in, or (negative) were dropped. */
  protected tally(_change: number): void {
    // Only who counts tasks wants to know.
  }

  #park(options: BlockingOptions | undefined): unknown {
    return park(getCall, options === undefined ? this.#gets : { ...options, ...this.#gets });
  }

  #waitToPut(item: T, options: BlockingOptions | undefined): void {
    const putters = this.#putters;
    putters.incoming = item;
    let outcome: unknown;
    try {
      outcome = park(putCall, options === undefined ? this.#puts : { ...options, ...this.#puts });
    } catch (error) {
      putters.incoming = undefined; // refused before it stood in line
      throw error;
    }
    this.confirm(putCall, outcome);
  }

  // There is one.
  #front(): T {
    return this.store.size > 0 ? this.store.first() : this.#putters.firstItem;
  }

  // There is one.
  #take(): T {
    const putters = this.#putters;
    if (this.store.size > 0) {
      const item = this.store.shift();
      if (putters.first !== null) this.#admit();
      return item;
    }
    const item = putters.firstItem;
    const putter = putters.first!;
    putters.remove(putter);
    this.tally(1);
    putter.wake(accepted);
    return item;
  }

  // Lets in those who wait for room, as far as there is any.
  #admit(): void {
    const putters = this.#putters;
    while (putters.first !== null && this.store.size < this.#maxSize) {
      const { first: putter, firstItem } = putters;
      putters.remove(putter);
      try {
        this.store.push(firstItem);
      } catch (error) {
        putter.wakeWithError(error); // the store's compare() refuses the item: whose it is, its error
        continue;
      }
      this.tally(1);
      putter.wake(accepted);
    }
  }

  // Hands items to those who wait for one.
  #serve(): void {
    const getters = this.#getters;
    for (let { first } = getters; first !== null; first = getters.first) {
      if (this.#peeking > 0 && first instanceof QueuePeeker) {
        if (!this.hasItem()) return;
        const item = this.#front();
        getters.remove(first);
        first.wake(item);
      } else {
        if (this.store.size === 0) return;
        getters.remove(first);
        this.#handed.push(this.store.shift());
        first.wake(granted);
      }
    }
  }

  // A getter was interrupted before it could take what was put aside for it. Others may have been handed something since,
  // and will run after it.
  #takeBack(): void {
    const item = this.store.inOrder ? this.#handed.pop() : this.#handed.shift();
    if (this.#dropped) {
      this.tally(-1);
    } else {
      this.store.unshift(item);
      this.#serve();
    }
    if (this.#closed) this.#tellEnd();
  }

  #tellEnd(): void {
    const getters = this.#getters;
    if (!this.drained()) return;
    for (let { first } = getters; first !== null; first = getters.first) {
      getters.remove(first);
      first.wake(ended);
    }
  }
}

// A signal that has aborted is obeyed even if there would be nothing to wait for.
function begin(call: string, instead: string, options: BlockingOptions | undefined): void {
  requireGreen(call, instead);
  if (options === undefined) return;
  validateBlockingOptions(options);
  if (options.signal?.aborted === true) throw options.signal.reason;
}

function sizeOf(maxSize: unknown): number {
  if (maxSize === undefined || maxSize === null || maxSize === Infinity) return Infinity;
  validateCount(maxSize, 'maxSize');
  return maxSize;
}

function closedError(): ClosedError {
  return new ClosedError('The queue is closed');
}
