import { VerdantError } from '../errors';
import { type BlockingOptions, park, requireGreen, validateBlockingOptions } from '../park';
import { invalidType, outOfRange } from '../validate';
import { WaitQueue } from '../wait_queue';
import { wakeAll } from './wake';

/** A wait group's counters at one moment. */
export interface WaitGroupStatistics {
  /** What is not done yet. */
  count: number;
  /** Green threads that wait for it. */
  waiting: number;
}

/**
 * Counts what is under way; `wait` blocks until all of it is done. Can be used again and again. Eventlet calls it a
 * metaphore, Go a WaitGroup.
 * @example
 * ```ts
 * import { run, WaitGroup } from 'verdant';
 *
 * await run(() => {
 *   const group = new WaitGroup();
 *   for (const ms of [5, 10]) {
 *     group.add();
 *     setTimeout(() => group.done(), ms);
 *   }
 *   group.wait();
 *   console.log(group.count); // 0
 * });
 * ```
 */
export class WaitGroup {
  #count = 0;
  readonly #waiting = new WaitQueue();

  /** What is not done yet. */
  get count(): number {
    return this.#count;
  }

  /**
   * Counts `count` more, before they begin. Never blocks; legal anywhere. When the count becomes 0, everybody who waits goes
   * on, also if more is added before they run.
   * @param count - an integer; default 1. A negative one counts down
   * @throws `ERR_VERDANT_TOO_MANY_DONE` when more would be done than were added; `ERR_INVALID_ARG_TYPE`; `ERR_OUT_OF_RANGE`
   */
  add(count = 1): void {
    if (typeof count !== 'number') throw invalidType('count', 'of type number', count);
    if (!Number.isInteger(count)) throw outOfRange('count', 'an integer', count);
    if (this.#count + count < 0) {
      throw new VerdantError('ERR_VERDANT_TOO_MANY_DONE', 'More is done than was added to the wait group');
    }
    this.#count += count;
    if (this.#count === 0) wakeAll(this.#waiting, undefined);
  }

  /**
   * One of them is done. Never blocks; legal anywhere.
   * @throws `ERR_VERDANT_TOO_MANY_DONE` when none is under way
   */
  done(): void {
    this.add(-1);
  }

  /**
   * Blocks until the count is 0; does not wait when it is. The last `done`, its timeout, its signal or a kill ends the wait.
   * @param options - `timeout` in milliseconds; `signal`
   * @throws `ERR_VERDANT_TIMEOUT`; the signal's reason; a kill's reason; `ERR_VERDANT_NOT_GREEN` outside a green thread
   */
  wait(options?: BlockingOptions): void {
    validateBlockingOptions(options);
    requireGreen('WaitGroup.wait()');
    if (options?.signal?.aborted === true) throw options.signal.reason;
    if (this.#count === 0) return;
    park('WaitGroup.wait()', { timeout: options?.timeout, signal: options?.signal, queue: this.#waiting });
  }

  /** Counters. */
  statistics(): WaitGroupStatistics {
    return { count: this.#count, waiting: this.#waiting.size };
  }
}
