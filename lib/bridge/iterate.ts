import { getHub } from '../hub/registry';
import { requireGreen } from '../park';
import { invalidType } from '../validate';
import { adopt, wait } from './wait';

/**
 * Iterates over an async iterable in blocking style. Leaving the loop early closes the source, and so does an
 * interruption while waiting for the next item.
 * @param source - an async iterable (or an iterable of promises)
 * @example
 * ```ts
 * import { createReadStream } from 'node:fs';
 * import { iterate, run } from 'verdant';
 *
 * await run(() => {
 *   let bytes = 0;
 *   for (const chunk of iterate(createReadStream('package.json'))) bytes += chunk.length;
 *   console.log(bytes > 0); // true
 * });
 * ```
 */
export function iterate<T>(source: AsyncIterable<T> | Iterable<T>): Iterable<Awaited<T>> {
  if (!isIterable(source)) throw invalidType('source', 'an async iterable', source);
  return { [Symbol.iterator]: () => new BlockingIterator(open(source)) };
}

type Source<T> = AsyncIterator<T> | Iterator<T>;

function open<T>(source: AsyncIterable<T> | Iterable<T>): Source<T> {
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  return source[Symbol.iterator]();
}

class BlockingIterator<T> implements Iterator<Awaited<T>> {
  constructor(private readonly source: Source<T>) {}

  next(): IteratorResult<Awaited<T>> {
    requireGreen('iterate()', 'use for await');
    let settled = false;
    const note = (): void => {
      settled = true;
    };
    try {
      const pending = adopt(this.source.next());
      pending.then(note, note);
      const result: IteratorResult<T> = wait(pending);
      if (result.done === true) return { done: true, value: result.value as unknown };
      return { done: false, value: wait(result.value) };
    } catch (error) {
      // Thrown by us and not by the source: nobody else will close it.
      if (!settled) this.#abandon();
      throw error;
    }
  }

  return(value?: unknown): IteratorResult<Awaited<T>> {
    const closing = this.source.return?.(value);
    if (closing !== undefined) wait(closing);
    return { done: true, value: value as Awaited<T> };
  }

  #abandon(): void {
    const closing = this.source.return?.();
    if (closing !== undefined) {
      Promise.resolve(closing).catch((error: unknown) => getHub().callSoon(() => report(error)));
    }
  }
}

function report(error: unknown): void {
  void Promise.reject(error);
}

function isIterable(source: unknown): boolean {
  if ((typeof source !== 'object' || source === null) && typeof source !== 'string') return false;
  return Symbol.asyncIterator in Object(source) || Symbol.iterator in Object(source);
}
