import { validateFunction, validateObject } from '../validate';
import { type QueueOptions } from './light_queue';
import { Queue } from './queue';
import { type Compare, QueueHeap } from './queue_heap';

/** What a `PriorityQueue` may be told. */
export interface PriorityQueueOptions<T> extends QueueOptions {
  /**
   * Negative when `a` comes out before `b`, as for `Array.prototype.sort`. Default: the lesser one by `<` comes out first.
   * It must neither block nor use the queue. What it throws, `put` throws, and the item is not put.
   */
  compare?: ((a: T, b: T) => number) | undefined;
}

/**
 * A `Queue` that gives the item first that comes first by `compare`; equal ones first in, first out.
 * @example
 * ```ts
 * import { PriorityQueue } from 'verdant';
 *
 * const jobs = new PriorityQueue<{ name: string; urgency: number }>({ compare: (a, b) => b.urgency - a.urgency });
 * jobs.putNowait({ name: 'sweep', urgency: 1 });
 * jobs.putNowait({ name: 'extinguish', urgency: 9 });
 * console.log(jobs.getNowait().name); // extinguish
 * ```
 */
export class PriorityQueue<T = unknown> extends Queue<T> {
  /**
   * @param options - `compare`; `maxSize`: how many items fit in, default any number
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   */
  constructor(options: PriorityQueueOptions<T> = {}) {
    validateObject(options, 'options');
    const { compare = byLess as Compare<T>, maxSize } = options;
    validateFunction(compare, 'options.compare');
    super(maxSize);
    this.store = new QueueHeap<T>(compare);
  }
}

function byLess(a: number, b: number): number {
  if (a < b) return -1;
  return b < a ? 1 : 0;
}
