import { type Transferable } from 'node:worker_threads';
import { type Moved, movedMark } from './messages';

/**
 * For functions that run on a worker thread: returns `value` so that the parts in `transfer` are moved to the caller and
 * not copied. They are gone from the worker then.
 * @param value - the result
 * @param transfer - ArrayBuffers and MessagePorts in it; default: `value` itself, or the buffer it is a view of
 * @example
 * ```ts
 * import { run } from 'verdant';
 * import { execute } from 'verdant/tpool';
 *
 * const bytes = await run(() =>
 *   execute((size: number) => {
 *     const { move } = require('verdant/tpool');
 *     return move(new Uint8Array(size).fill(7));
 *   }, 1_000_000));
 * console.log(bytes.length); // 1000000
 * ```
 */
export function move<T>(value: T, transfer?: readonly Transferable[]): T {
  const list = transfer ?? [(ArrayBuffer.isView(value) ? value.buffer : value) as Transferable];
  // The type is what the caller will see.
  return { [movedMark]: [...list], value } satisfies Moved as T;
}
