import { type BlockingOptions, type ParkOptions } from '../park';
import { validateCount } from '../validate';
import { WaitQueue } from '../wait_queue';
import { type AcquireOptions, awaitTurn, beginAcquire } from './acquire';
import { hold } from './hold';
import { wakeFirst } from './wake';

/** A semaphore's counters at one moment. */
export interface SemaphoreStatistics {
  /** How many can be acquired without waiting. */
  free: number;
  /** Green threads that wait in `acquire`. */
  waiting: number;
}

/**
 * So many may have it at a time; the others wait, first come, first served. What is released is handed to the first who
 * waits at once: nobody who comes later can take it.
 *
 * A green thread that is interrupted while it waits (timeout, abort, kill) has taken nothing. One that was handed it, and is
 * killed before it runs, returns from `acquire` all the same and meets the kill at its next suspension: so `using`, or
 * `try` and `finally`, always gives it back.
 *
 * The idea and the names are eventlet's.
 * @example
 * ```ts
 * import { joinAll, run, Semaphore, sleep, spawn } from 'verdant';
 *
 * await run(() => {
 *   const semaphore = new Semaphore(2);
 *   let inside = 0;
 *   let most = 0;
 *   joinAll([1, 2, 3, 4].map(() => spawn(() => {
 *     using _ = semaphore.hold();
 *     inside += 1;
 *     most = Math.max(most, inside);
 *     sleep(5);
 *     inside -= 1;
 *   })));
 *   console.log(most); // 2
 * });
 * ```
 */
export class Semaphore {
  /** Its name in messages. */
  declare protected readonly label: string;
  #free: number;
  /** @internal Who waits in `acquire`. */
  protected readonly waiting = new WaitQueue();
  readonly #plain: ParkOptions = { queue: this.waiting, keeps: true };

  /**
   * @param value - how many may have it at a time; default 1
   * @throws `ERR_INVALID_ARG_TYPE`; `ERR_OUT_OF_RANGE` unless it is an integer from 0 on
   */
  constructor(value = 1) {
    validateCount(value, 'value');
    this.#free = value;
  }

  /**
   * Takes one, and blocks until there is one. A `release`, its timeout, its signal or a kill ends the wait.
   * @param options - `timeout` in milliseconds; `signal`; `blocking`: false does not wait
   * @returns true when it has one; false when the timeout came first, or when there was none and it must not wait
   * @throws the signal's reason; a kill's reason; `ERR_VERDANT_NOT_GREEN` outside a green thread, unless `blocking` is false;
   * `ERR_OUT_OF_RANGE` for a timeout together with `blocking: false`
   */
  acquire(options?: AcquireOptions): boolean {
    const mayWait = beginAcquire(this.label, options);
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    return mayWait && awaitTurn(this.label, this.#plain, options);
  }

  /** Gives one back, to the first who waits if anybody does. Never blocks; legal anywhere. */
  release(): void {
    if (!wakeFirst(this.waiting, undefined)) this.#free += 1;
  }

  /**
   * Acquires, for `using`: it is released at the end of the scope.
   * @param options - `timeout` in milliseconds; `signal`
   * @returns what releases it when it is disposed of, once
   * @throws `ERR_VERDANT_TIMEOUT`; and as `acquire`
   */
  hold(options?: BlockingOptions): Disposable {
    return hold(this.label, this, options);
  }

  /** True when `acquire` would have to wait. */
  locked(): boolean {
    return this.#free === 0;
  }

  /** True when `release` would have to wait, which it never has to. */
  bounded(): boolean {
    return false;
  }

  /** How many are free, less those who wait: negative when green threads wait. */
  get balance(): number {
    return this.#free - this.waiting.size;
  }

  /** Counters. */
  statistics(): SemaphoreStatistics {
    return { free: this.#free, waiting: this.waiting.size };
  }

  static {
    Object.defineProperty(this.prototype, 'label', { value: 'Semaphore.acquire()' });
  }
}
