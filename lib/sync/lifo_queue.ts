import { Queue } from './queue';
import { type QueueOptions } from './light_queue';
import { QueueStack } from './queue_stack';

/**
 * A `Queue` that gives the newest item first. Those who wait are served first come, first served all the same.
 * @example
 * ```ts
 * import { LifoQueue } from 'verdant';
 *
 * const queue = new LifoQueue<string>();
 * for (const item of ['a', 'b', 'c']) queue.putNowait(item);
 * console.log(queue.getNowait(), queue.getNowait(), queue.getNowait()); // c b a
 * ```
 */
export class LifoQueue<T = unknown> extends Queue<T> {
  /** @param maxSize - how many items fit in; undefined: any number. Or `{ maxSize }` */
  constructor(maxSize?: number | null | QueueOptions) {
    super(maxSize);
    this.store = new QueueStack<T>();
  }
}
