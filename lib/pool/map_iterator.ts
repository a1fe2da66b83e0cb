import { isGreenExit } from '../errors';
import { type GreenThread } from '../green_thread';
import { getHub } from '../hub/registry';
import { type BlockingOptions, park, requireGreen, validateBlockingOptions } from '../park';
import { spawn } from '../spawn';
import { validateFunction } from '../validate';
import { WaitQueue } from '../wait_queue';
import { timeLeft } from './deadline';
import { isMember, MemberThread } from './member_thread';
import { outlast } from './outlast';
import { type Places } from './places';
import { type Expected, type Outcome, outcomeOf, type over, Results, stepOf } from './results';
import { runInline } from './run_inline';
import { type AnyFunction } from './spawn_arguments';
import { wakeAll } from '../sync/wake';

const call = 'GreenPool.imap().next()';

/** What is called for each item. */
export type MapFunction = (...args: never[]) => unknown;

/** The results of `imap` and its kin, as they come. */
export interface PoolIterator<R> extends Disposable {
  /**
   * Blocks until the next result is there. Any number of green threads may ask; each gets another result. Interrupted, it
   * has taken nothing.
   * @param options - `timeout` in milliseconds, `signal`
   * @throws what was thrown for that item; `ERR_VERDANT_TIMEOUT`; the signal's reason; `ERR_VERDANT_NOT_GREEN`
   */
  next(options?: BlockingOptions): IteratorResult<R, undefined>;
  /** Kills what is still running, waits for its end (on a green thread), and closes the source. */
  return(): IteratorResult<R, undefined>;
  /** Itself. */
  [Symbol.iterator](): PoolIterator<R>;
  /** As `return()`. For `using`. */
  [Symbol.dispose](): void;
}

// The producer is told by this that its item is being taken care of.
const taken = Symbol('taken');
// A consumer is asked by this to run an item itself.
const help = Symbol('help');

// With a pool that knows no limit, the window needs one all the same.
const widest = 1000;

interface Item<R> {
  place: Expected<R>;
  row: unknown[];
}

/**
 * One iteration of `imap`. A producer, on a green thread of its own, fetches items and starts their jobs in the pool, until
 * there are as many that nobody has asked for as the window allows; then it ends, and begins again when one is taken. So an
 * iteration that is forgotten half-way leaves nothing behind that waits for ever.
 *
 * A member of the pool that waits for results holds a place itself. When all places are held by such, nobody could go on; so
 * it takes the item for which the producer has found no place, and runs it itself.
 */
export class MapIterator<R> implements PoolIterator<R> {
  readonly #pool: Places;
  readonly #fn: AnyFunction | null;
  readonly #rows: Iterator<unknown[]>;
  readonly #results: Results<R>;
  readonly #jobs = new Set<GreenThread>();
  /** Where those wait who close it. */
  readonly #closing = new WaitQueue();
  #producer: GreenThread | null = null;
  /** The item for which the producer waits for a place. */
  #offer: Item<R> | null = null;
  #exhausted = false;
  #closed = false;

  constructor(pool: Places, fn: MapFunction | null | undefined, rows: Iterator<unknown[]>, ordered: boolean) {
    if (fn !== null && fn !== undefined) validateFunction(fn, 'fn');
    this.#pool = pool;
    this.#fn = (fn ?? null) as AnyFunction | null;
    this.#rows = rows;
    this.#results = new Results(ordered, () => this.#refill());
    this.#results.sourceBegan();
  }

  next(options?: BlockingOptions): IteratorResult<R, undefined> {
    validateBlockingOptions(options);
    this.#refill();
    return stepOf(this.#results.poll() ?? this.#await(options));
  }

  return(): IteratorResult<R, undefined> {
    if (!this.#closed) {
      this.#closed = true;
      this.#results.close();
      this.#producer?.kill();
      for (const job of this.#jobs) if (job !== getHub().current) job.kill();
      // Neither plain code nor a job of this iteration can wait for its end.
      if (this.#canWait()) this.#finish();
      else spawn(() => this.#finish());
    }
    return { done: true, value: undefined };
  }

  [Symbol.iterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.return();
  }

  #await(options: BlockingOptions | undefined): Outcome<R> | typeof over {
    requireGreen(call, 'use asyncIterate()');
    const left = timeLeft(options);
    try {
      for (;;) {
        const outcome = this.#results.poll();
        if (outcome !== null) return outcome;
        if (this.#helpOut()) continue;
        const got = park(call, { ...left(), queue: this.#results.waiting, keeps: true });
        if (got !== help) return got as Outcome<R> | typeof over;
      }
    } catch (error) {
      this.#askForHelp(); // it may have been this one that was asked
      if (isGreenExit(error) && this.#results.waiting.size === 0) this.return();
      throw error;
    }
  }

  // --- the producer -------------------------------------------------------------------------------------------------

  #refill(): void {
    if (this.#producer !== null || !this.#wantsMore()) return;
    this.#producer = spawn(() => this.#produce());
    // Not in a `finally` of its function: killed before it has started, it never gets there.
    this.#producer.onCleanup(() => {
      this.#producer = null;
      this.#tellClosing();
    });
  }

  #wantsMore(): boolean {
    if (this.#closed || this.#exhausted) return false;
    return this.#results.size < Math.min(Math.max(this.#pool.size, 1), widest);
  }

  #produce(): void {
    while (this.#wantsMore()) this.#produceOne();
  }

  #produceOne(): void {
    const row = this.#fetch();
    if (row === null) return;
    const place = this.#results.expect();
    if (this.#fn === null) {
      this.#results.settle(place, { value: row as R });
      return;
    }
    try {
      if (!this.#pool.tryPlace() && this.#waitForPlace({ place, row }) === taken) return;
      if (this.#closed) this.#pool.leave();
      else this.#start(place, this.#pool.start(this.#fn, row, undefined));
    } catch (error) {
      this.#results.settle(place, { error });
    }
  }

  #fetch(): unknown[] | null {
    try {
      const step = this.#rows.next();
      if (step.done !== true) return step.value;
      this.#exhaust();
    } catch (error) {
      this.#results.settle(this.#results.expect(), { error });
      this.#exhaust();
    }
    return null;
  }

  #exhaust(): void {
    this.#exhausted = true;
    this.#results.sourceEnded();
  }

  #waitForPlace(item: Item<R>): unknown {
    this.#offer = item;
    this.#askForHelp();
    try {
      return this.#pool.waitForPlace(call, undefined);
    } finally {
      this.#offer = null;
    }
  }

  #start(place: Expected<R>, job: GreenThread): void {
    this.#jobs.add(job);
    job.onEnd(() => {
      this.#jobs.delete(job);
      this.#results.settle(place, outcomeOf(job as GreenThread<R>));
      this.#tellClosing();
    });
  }

  // --- members that help --------------------------------------------------------------------------------------------

  #askForHelp(): void {
    if (this.#offer === null) return;
    const { waiting } = this.#results;
    for (let waiter = waiting.first; waiter !== null; waiter = waiter.after) {
      if (!(waiter instanceof MemberThread) || waiter.pool !== this.#pool) continue;
      waiting.remove(waiter);
      waiter.wake(help);
      return;
    }
  }

  // True if it has done an item.
  #helpOut(): boolean {
    if (this.#offer === null || !isMember(this.#pool)) return false;
    requireGreen(call).throwPending();
    const { place, row } = this.#offer;
    // False: it has just been given a place.
    if (this.#producer?.wake(taken) !== true) return false;
    this.#offer = null;
    let outcome: Outcome<R> | null = null;
    try {
      outcome = runInline<R>(this.#fn!, row);
    } catch (error) {
      outcome = { error };
      throw error;
    } finally {
      this.#results.settle(place, outcome!);
    }
    return true;
  }

  // --- the end ------------------------------------------------------------------------------------------------------

  #canWait(): boolean {
    const { current } = getHub();
    return current !== null && current !== this.#producer && ![...this.#jobs].some((job) => job === current);
  }

  #finish(): void {
    outlast(call, this.#closing, () => this.#producer === null && this.#jobs.size === 0);
    if (!this.#exhausted) this.#rows.return?.();
  }

  #tellClosing(): void {
    if (this.#producer === null && this.#jobs.size === 0) wakeAll(this.#closing, undefined);
  }
}
