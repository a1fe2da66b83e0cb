import { spawn } from '../spawn';
import { invalidType } from '../validate';

/**
 * Iterates over a blocking iterable (a generator that sleeps or waits) from async code: each step runs on a green
 * thread. Steps never overlap.
 * @param source - an iterable whose `next()` may block
 * @example
 * ```ts
 * import { asyncIterate, sleep } from 'verdant';
 *
 * function* ticks() { for (let i = 1; i <= 3; i += 1) { sleep(5); yield i; } }
 * for await (const tick of asyncIterate(ticks())) console.log(tick); // 1, 2, 3
 * ```
 */
export function asyncIterate<T>(source: Iterable<T>): AsyncIterableIterator<T> {
  if (typeof (source as Partial<Iterable<T>> | null)?.[Symbol.iterator] !== 'function') {
    throw invalidType('source', 'an iterable', source);
  }
  return new SteppedIterator(source);
}

class SteppedIterator<T> implements AsyncIterableIterator<T> {
  readonly #source: Iterable<T>;
  #iterator: Iterator<T> | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(source: Iterable<T>) {
    this.#source = source;
  }

  next(): Promise<IteratorResult<T>> {
    return this.#step((iterator) => iterator.next());
  }

  return(value?: unknown): Promise<IteratorResult<T>> {
    return this.#step((iterator) => iterator.return?.(value) ?? { done: true, value });
  }

  throw(error?: unknown): Promise<IteratorResult<T>> {
    return this.#step((iterator) => {
      if (iterator.throw === undefined) throw error;
      return iterator.throw(error);
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #step(advance: (iterator: Iterator<T>) => IteratorResult<T>): Promise<IteratorResult<T>> {
    const step = this.#last.then(() =>
      spawn(() => {
        this.#iterator ??= this.#source[Symbol.iterator]();
        return advance(this.#iterator);
      }),
    );
    this.#last = step.catch(() => undefined);
    return step;
  }
}
