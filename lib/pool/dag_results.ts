import { type BlockingOptions, park, requireGreen, validateBlockingOptions } from '../park';
import { WaitQueue } from '../wait_queue';
import { timeLeft } from './deadline';
import { wakeAll } from '../sync/wake';

/** A `DagPool`, as seen by those who wait for its values. */
export interface DagValues {
  has(key: unknown): boolean;
  /** Calls `results.arrived(key)` when there is a value. */
  watch(key: unknown, results: DagResults): void;
  unwatch(key: unknown, results: DagResults): void;
}

/**
 * Keys in the order in which they get their values, each once. Registered with the pool from the first question to the last
 * answer, so that a value costs only those who wait for it.
 */
export class DagResults {
  /** The keys that have not been given yet. */
  readonly pending: Set<unknown>;
  readonly #call: string;
  readonly #values: DagValues;
  readonly #ready: unknown[] = [];
  readonly #waiting = new WaitQueue();
  #watching = false;

  constructor(call: string, values: DagValues, keys: Iterable<unknown>) {
    this.#call = call;
    this.#values = values;
    this.pending = new Set(keys);
  }

  /** Whether nothing more will come. */
  get over(): boolean {
    return this.pending.size === 0;
  }

  /** The next key that has a value; undefined in `key` and false in `found` when all have been given. */
  next(options: BlockingOptions | undefined): { found: boolean; key: unknown } {
    validateBlockingOptions(options);
    this.#watch();
    if (this.#ready.length === 0 && !this.over) this.#await(options);
    if (this.over) return { found: false, key: undefined };
    const key = this.#ready.shift();
    this.pending.delete(key);
    // Others who ask the same iterator, and were here before, have nothing to wait for any more.
    if (this.over) wakeAll(this.#waiting, undefined);
    return { found: true, key };
  }

  /** Waits for no more. */
  close(): void {
    if (this.#watching) for (const key of this.pending) this.#values.unwatch(key, this);
    this.pending.clear();
    this.#ready.length = 0;
    wakeAll(this.#waiting, undefined);
  }

  /** Told by the pool, once per key. */
  arrived(key: unknown): void {
    this.#ready.push(key);
    const { first } = this.#waiting;
    if (first === null) return;
    this.#waiting.remove(first);
    first.wake(undefined);
  }

  // Nobody holds it before somebody has asked: one that is never iterated leaves nothing.
  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    for (const key of this.pending) {
      if (this.#values.has(key)) this.#ready.push(key);
      else this.#values.watch(key, this);
    }
  }

  #await(options: BlockingOptions | undefined): void {
    requireGreen(this.#call);
    const left = timeLeft(options);
    try {
      while (this.#ready.length === 0 && !this.over) park(this.#call, { ...left(), queue: this.#waiting });
    } catch (error) {
      // Woken, but interrupted before it could take: the next one may.
      const { first } = this.#waiting;
      if (this.#ready.length > 0 && first !== null) {
        this.#waiting.remove(first);
        first.wake(undefined);
      }
      throw error;
    }
  }
}
