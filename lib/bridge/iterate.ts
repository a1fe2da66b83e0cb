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
  return { [Symbol.iterator]: () => open(source) };
}

function open<T>(source: AsyncIterable<T> | Iterable<T>): BlockingIterator<T> {
  if (Symbol.asyncIterator in source) return new BlockingIterator(source[Symbol.asyncIterator](), false);
  return new BlockingIterator(source[Symbol.iterator](), true);
}

class BlockingIterator<T> implements Iterator<Awaited<T>> {
  readonly #source: AsyncIterator<T> | Iterator<T>;
  readonly #waitsForItems: boolean;

  constructor(source: AsyncIterator<T> | Iterator<T>, waitsForItems: boolean) {
    this.#source = source;
    this.#waitsForItems = waitsForItems;
  }

  next(): IteratorResult<Awaited<T>> {
    requireGreen('iterate()', 'use for await');
    const step = this.#closingOnError(outcomeOf(adopt(this.#source.next())));
    if ('error' in step) throw step.error; // the source's own: it has closed itself
    const { result } = step;
    if (result.done === true) return { done: true, value: result.value as unknown };
    if (!this.#waitsForItems) return result as IteratorResult<Awaited<T>>;
    return { done: false, value: this.#closingOnError(result.value) };
  }

  return(value?: unknown): IteratorResult<Awaited<T>> {
    const closing = this.#source.return?.(value);
    if (closing !== undefined) wait(closing);
    return { done: true, value: value as Awaited<T> };
  }

  // A loop does not close an iterator whose next() throws. Where the source is not to blame, nobody else will.
  #closingOnError<V>(awaitable: V): Awaited<V> {
    try {
      return wait(awaitable);
    } catch (error) {
      const closing = this.#source.return?.();
      if (closing !== undefined) reportFailure(closing);
      throw error;
    }
  }
}

type Outcome<T> = { result: T } | { error: unknown };

function outcomeOf<T>(promise: Promise<T>): Promise<Outcome<T>> {
  return promise.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
}

// The loop is on its way out with another error: this one goes where unhandled ones go.
function reportFailure(closing: unknown): void {
  adopt(closing).catch((error: unknown) => {
    getHub().callSoon(() => void Promise.reject(error));
  });
}

function isIterable(source: unknown): boolean {
  if ((typeof source !== 'object' || source === null) && typeof source !== 'string') return false;
  return Symbol.asyncIterator in Object(source) || Symbol.iterator in Object(source);
}
