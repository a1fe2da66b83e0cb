import { LightQueue } from './light_queue';

/**
 * A queue as Go's channels are used: one end puts and closes, the other gets until the end. `new Channel(0)` hands each item
 * over in person: `put` returns when somebody has taken it.
 *
 * All it can do is what a `LightQueue` can; see there, and `select` for waiting on several.
 * @example
 * ```ts
 * import { Channel, run, spawn } from 'verdant';
 *
 * await run(() => {
 *   const squares = new Channel<number>(0);
 *   spawn(() => {
 *     for (let n = 1; n <= 4; n += 1) squares.put(n * n);
 *     squares.close();
 *   });
 *   console.log([...squares].join(' ')); // 1 4 9 16
 * });
 * ```
 */
export class Channel<T = unknown> extends LightQueue<T> {}
