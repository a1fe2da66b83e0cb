import { VerdantError } from '../errors';
import { type BlockingOptions, park, requireGreen, validateBlockingOptions } from '../park';
import { WaitQueue } from '../wait_queue';
import { LightQueue, type QueueStatistics } from './light_queue';

/** A counting queue's counters at one moment. */
export interface TaskQueueStatistics extends QueueStatistics {
  /** Items that were put and not yet reported done. */
  unfinishedTasks: number;
  /** Green threads that wait in `join`. */
  joining: number;
}

const joinCall = 'Queue.join()';
const timedOut = Symbol('timed out');

/**
 * A `LightQueue` that knows when all that was put has been worked off: whoever gets an item says `taskDone()` when it is
 * done with it, and `join()` waits until that was said for every item.
 * @example
 * ```ts
 * import { Queue, run, sleep, spawn } from 'verdant';
 *
 * await run(() => {
 *   const queue = new Queue<number>();
 *   let sum = 0;
 *   spawn(() => {
 *     for (const n of queue) {
 *       sleep(1);
 *       sum += n;
 *       queue.taskDone();
 *     }
 *   });
 *   for (let n = 1; n <= 4; n += 1) queue.put(n);
 *   queue.join();
 *   console.log(sum); // 10
 *   queue.close();
 * });
 * ```
 */
export class Queue<T = unknown> extends LightQueue<T> {
  #unfinished = 0;
  readonly #joiners = new WaitQueue();

  /** Items that were put and not yet reported done. What `close({ immediate: true })` drops does not count. */
  get unfinishedTasks(): number {
    return this.#unfinished;
  }

  /**
   * Says that the work for one item is done. Legal anywhere.
   * @throws `ERR_VERDANT_TASK_DONE` when called more often than items were put
   */
  taskDone(): void {
    if (this.#unfinished === 0) {
      throw new VerdantError('ERR_VERDANT_TASK_DONE', 'Queue.taskDone() was called more often than items were put');
    }
    this.tally(-1);
  }

  /**
   * Waits until `taskDone` was called for every item that was put.
   * @param options - `timeout` in milliseconds, `signal`
   * @returns true, or false when the timeout came first
   * @throws the signal's reason; `ERR_VERDANT_NOT_GREEN` outside a green thread
   */
  join(options?: BlockingOptions): boolean {
    validateBlockingOptions(options);
    requireGreen(joinCall);
    if (options?.signal?.aborted === true) throw options.signal.reason;
    if (this.#unfinished === 0) return true;
    return park(joinCall, { ...options, queue: this.#joiners, timeoutValue: timedOut }) !== timedOut;
  }

  /** The queue's counters. */
  override statistics(): TaskQueueStatistics {
    return { ...super.statistics(), unfinishedTasks: this.#unfinished, joining: this.#joiners.size };
  }

  /** @internal */
  protected override tally(change: number): void {
    this.#unfinished += change;
    if (this.#unfinished > 0) return;
    for (let { first } = this.#joiners; first !== null; first = this.#joiners.first) {
      this.#joiners.remove(first);
      first.wake(undefined);
    }
  }
}
