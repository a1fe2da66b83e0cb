import { getHub } from './hub/registry';
import { validateFunction } from './validate';

/** A local's counters at one moment. */
export interface GreenLocalStatistics {
  /** How often a value was made or set where there was none: green threads, and plain code, that have or had one. */
  created: number;
}

/**
 * A variable of which every green thread has its own: what one sets, no other sees, and nothing is inherited at `spawn`
 * (Node's AsyncLocalStorage is). A value is collected with its green thread. All code outside of green threads has one value
 * in common.
 *
 * Never blocks, and is legal anywhere. The idea is that of eventlet's `corolocal.local`.
 * @example
 * ```ts
 * import { GreenLocal, run, sleep, spawn } from 'verdant';
 *
 * await run(() => {
 *   const seen = new GreenLocal(() => [] as number[]);
 *   const threads = [1, 2].map((number) => spawn(() => {
 *     seen.get().push(number);
 *     sleep(1);
 *     return seen.get();
 *   }));
 *   console.log(threads.map((thread) => thread.wait())); // [ [ 1 ], [ 2 ] ]
 * });
 * ```
 */
export class GreenLocal<T> {
  readonly #values = new WeakMap<object, T>();
  readonly #initialise: (() => T) | undefined;
  readonly #plain = {};
  #created = 0;

  /**
   * @param initialise - makes the value when a green thread asks for it first; may block. Without it, the value is
   * undefined until it is set
   * @throws `ERR_INVALID_ARG_TYPE`
   */
  constructor(initialise?: () => T) {
    if (initialise !== undefined) validateFunction(initialise, 'initialise');
    this.#initialise = initialise;
  }

  /** The value of the running green thread, or of plain code; made now if it has none. Throws what the initialiser throws. */
  get(): T {
    const known = this.#known();
    if (known !== undefined || this.has()) return known as T;
    if (this.#initialise === undefined) return undefined as T;
    const initialise = this.#initialise;
    const value = initialise();
    this.set(value);
    return value;
  }

  /** Sets the value of the running green thread, or of plain code. */
  set(value: T): void {
    if (!this.has()) this.#created += 1;
    this.#values.set(this.#key(), value);
  }

  /** Whether the running green thread, or plain code, has a value. */
  has(): boolean {
    return this.#values.has(this.#key());
  }

  /** Takes the value away; the next `get` makes a new one. True if there was one. */
  delete(): boolean {
    return this.#values.delete(this.#key());
  }

  /** As `get()` and `set()`. */
  get value(): T {
    return this.get();
  }

  /** As `set()`. */
  set value(value: T) {
    this.set(value);
  }

  /** Counters. */
  statistics(): GreenLocalStatistics {
    return { created: this.#created };
  }

  // Functions of their own: the initialiser may block, and no frame of a suspended green thread may hold the thread itself.
  #known(): T | undefined {
    return this.#values.get(this.#key());
  }

  #key(): object {
    return getHub().current ?? this.#plain;
  }
}
