import { ended, QueuePlace } from './queue_place';

/** What async iteration needs of a queue. */
export interface AsyncSource<T> {
  hasItem(): boolean;
  drained(): boolean;
  getNowait(): T;
  joinGetters(place: QueuePlace): void;
  takeNewlyHanded(): T;
}

const end = { done: true, value: undefined } as const;

/** A promise of an item, in line with the green threads. Its item is gone with the promise that is resolved. */
class AsyncGetter<T> extends QueuePlace {
  constructor(
    readonly source: AsyncSource<T>,
    readonly settled: (getter: AsyncGetter<T>) => void,
    readonly resolve: (result: IteratorResult<T, undefined>) => void,
    readonly reject: (error: unknown) => void,
  ) {
    super();
  }

  wake(outcome: unknown): boolean {
    this.settled(this);
    if (outcome === ended) this.resolve(end);
    else this.resolve({ done: false, value: this.source.takeNewlyHanded() });
    return true;
  }

  wakeWithError(error: unknown): boolean {
    this.settled(this);
    this.reject(error);
    return true;
  }

  override describe(): string {
    return 'an async iteration over a queue';
  }
}

/** A queue's items for async code. Each `next()` takes one item, so a bounded queue keeps its bound. */
export class QueueAsyncIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #source: AsyncSource<T>;
  readonly #waiting = new Set<AsyncGetter<T>>();
  readonly #settled = (getter: AsyncGetter<T>): void => {
    this.#waiting.delete(getter);
  };
  #done = false;

  constructor(source: AsyncSource<T>) {
    this.#source = source;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      const source = this.#source;
      if (this.#done || source.drained()) {
        this.#done = true;
        resolve(end);
      } else if (source.hasItem()) {
        // A promise as an item is an item: resolve() looks at the result only, not into it.
        resolve({ done: false, value: source.getNowait() });
      } else {
        const getter = new AsyncGetter(source, this.#settled, resolve, reject);
        this.#waiting.add(getter);
        source.joinGetters(getter);
      }
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#done = true;
    for (const getter of this.#waiting) {
      getter.leave();
      getter.resolve(end);
    }
    this.#waiting.clear();
    return Promise.resolve(end);
  }

  throw(error?: unknown): Promise<IteratorResult<T, undefined>> {
    void this.return();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
