import { type BlockingOptions, type ParkOptions } from '../park';
import { outOfRange, validateCount } from '../validate';
import { WaitQueue } from '../wait_queue';
import { type AcquireOptions, awaitTurn, beginAcquire } from './acquire';
import { hold } from './hold';
import { wakeFirst } from './wake';

/** A capped semaphore's counters at one moment. */
export interface CappedSemaphoreStatistics {
  /** How many can be acquired without waiting. */
  free: number;
  /** Green threads that wait in `acquire`. */
  acquiring: number;
  /** Green threads that wait in `release`. */
  releasing: number;
}

/**
 * A semaphore with room for `limit`: `acquire` blocks when none is free, and `release` blocks when all places are taken.
 * A buffer that only counts. With a limit of 0, each `acquire` meets a `release`.
 *
 * Both sides are served first come, first served, and what is said of interrupted waits in `Semaphore` holds for both.
 * @example
 * ```ts
 * import { CappedSemaphore, run, spawn } from 'verdant';
 *
 * await run(() => {
 *   const semaphore = new CappedSemaphore(1, 1);
 *   console.log(semaphore.release({ timeout: 5 })); // false
 *   const releaser = spawn(() => semaphore.release());
 *   console.log(semaphore.acquire(), semaphore.acquire()); // true true
 *   console.log(releaser.wait(), semaphore.balance); // true 0
 * });
 * ```
 */
export class CappedSemaphore {
  readonly #limit: number;
  #free: number;
  readonly #acquiring = new WaitQueue();
  readonly #releasing = new WaitQueue();
  readonly #plainAcquire: ParkOptions = { queue: this.#acquiring, keeps: true };
  readonly #plainRelease: ParkOptions = { queue: this.#releasing, keeps: true };

  /**
   * @param count - how many are free now
   * @param limit - how many can be free at most
   * @throws `ERR_INVALID_ARG_TYPE`; `ERR_OUT_OF_RANGE` unless they are integers, and 0 <= count <= limit
   */
  constructor(count: number, limit: number) {
    validateCount(count, 'count');
    validateCount(limit, 'limit');
    if (count > limit) throw outOfRange('count', `<= limit (${limit})`, count);
    this.#free = count;
    this.#limit = limit;
  }

  /**
   * Takes one, and blocks until there is one. A `release`, its timeout, its signal or a kill ends the wait.
   * @param options - `timeout` in milliseconds; `signal`; `blocking`: false does not wait
   * @returns true when it has one; false when the timeout came first, or when there was none and it must not wait
   * @throws the signal's reason; a kill's reason; `ERR_VERDANT_NOT_GREEN` outside a green thread, unless `blocking` is false;
   * `ERR_OUT_OF_RANGE` for a timeout together with `blocking: false`
   */
  acquire(options?: AcquireOptions): boolean {
    const mayWait = beginAcquire('CappedSemaphore.acquire()', options);
    if (wakeFirst(this.#releasing, undefined)) return true; // that one's takes the place of this one
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    return mayWait && awaitTurn('CappedSemaphore.acquire()', this.#plainAcquire, options);
  }

  /**
   * Gives one back, and blocks until there is room for it. An `acquire`, its timeout, its signal or a kill ends the wait;
   * then nothing was given back.
   * @param options - as for `acquire`
   * @returns true when it is given back; false when the timeout came first, or when there was no room and it must not wait
   * @throws as `acquire`
   */
  release(options?: AcquireOptions): boolean {
    const mayWait = beginAcquire('CappedSemaphore.release()', options);
    if (wakeFirst(this.#acquiring, undefined)) return true;
    if (this.#free < this.#limit) {
      this.#free += 1;
      return true;
    }
    return mayWait && awaitTurn('CappedSemaphore.release()', this.#plainRelease, options);
  }

  /**
   * Acquires, for `using`: it is released at the end of the scope, which blocks if there is no room.
   * @param options - `timeout` in milliseconds; `signal`
   * @returns what releases it when it is disposed of, once
   * @throws `ERR_VERDANT_TIMEOUT`; and as `acquire`
   */
  hold(options?: BlockingOptions): Disposable {
    return hold('CappedSemaphore.acquire()', this, options);
  }

  /** True when `acquire` would have to wait. */
  locked(): boolean {
    return this.#free === 0 && this.#releasing.size === 0;
  }

  /** True when `release` would have to wait. */
  bounded(): boolean {
    return this.#free === this.#limit && this.#acquiring.size === 0;
  }

  /** How many are free, less those who wait to acquire, plus those who wait to release. */
  get balance(): number {
    return this.#free - this.#acquiring.size + this.#releasing.size;
  }

  /** Counters. */
  statistics(): CappedSemaphoreStatistics {
    return { free: this.#free, acquiring: this.#acquiring.size, releasing: this.#releasing.size };
  }
}
