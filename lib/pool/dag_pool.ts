import { VerdantError } from '../errors';
import { type GreenThread } from '../green_thread';
import { getHub } from '../hub/registry';
import { type BlockingOptions, validateBlockingOptions } from '../park';
import { spawn } from '../spawn';
import { invalidType, validateFunction, validateObject } from '../validate';
import { inspect } from 'node:util';
import { Collision, PropagateError } from './dag_errors';
import { DagResults, type DagValues } from './dag_results';
import { timeLeft } from './deadline';
import { outcomeOf } from './results';

/** The values of a `DagPool`, by their keys, as they come. */
export interface DagIterator<T> extends Disposable {
  /**
   * Blocks until one of the keys that are left has its value. Interrupted, it has taken nothing.
   * @param options - `timeout` in milliseconds, `signal`
   * @throws `ERR_VERDANT_PROPAGATE` for a key whose green thread failed (the iteration may go on behind it);
   * `ERR_VERDANT_TIMEOUT`; the signal's reason; `ERR_VERDANT_NOT_GREEN` when it would have to wait and cannot
   */
  next(options?: BlockingOptions): IteratorResult<T, undefined>;
  /** Asks for no more. */
  return(): IteratorResult<T, undefined>;
  /** Itself. */
  [Symbol.iterator](): DagIterator<T>;
  /** As `return()`. For `using`. */
  [Symbol.dispose](): void;
}

/** What a green thread of a `DagPool` runs. `results` gives the keys it depends on with their values, as they come. */
export type DagFunction<K, V, A extends unknown[] = []> = (key: K, results: DagIterator<[K, V]>, ...args: A) => V;

/** The numbers of a `DagPool`. */
export interface DagPoolStatistics {
  /** How many keys have a value, or an error in its place. */
  values: number;
  /** How many green threads run. */
  running: number;
  /** How many of them wait for values. */
  waiting: number;
}

interface Node {
  readonly thread: GreenThread;
  readonly results: DagResults;
}

/**
 * Runs functions that depend on each other's results: each has a key, and names the keys it depends on. All start at once;
 * each goes on as soon as it has what it needs. What a function returns is the value of its key. When it throws, all who ask
 * for that value get a `PropagateError`, whose `cause` is the error: so an error goes down the graph, as long as nobody
 * handles it. Keys are told apart as by a `Map`.
 *
 * The idea and the names are those of eventlet's DAGPool.
 * @example
 * ```ts
 * import { DagPool, run } from 'verdant';
 *
 * await run(() => {
 *   const dag = new DagPool<string, number>({ two: 2 });
 *   const sum = (_key: string, results: Iterable<[string, number]>) => {
 *     let total = 0;
 *     for (const [, value] of results) total += value;
 *     return total;
 *   };
 *   dag.spawn('five', ['two', 'three'], sum);
 *   dag.post('three', 3);
 *   console.log(dag.wait(['five'])); // Map(1) { 'five' => 5 }
 * });
 * ```
 */
export class DagPool<K = unknown, V = unknown> {
  // A PropagateError in the place of a value is what was thrown, or posted as if it had been.
  readonly #values = new Map<K, V | PropagateError>();
  readonly #nodes = new Map<K, Node>();
  readonly #watchers = new Map<unknown, Set<DagResults>>();
  readonly #access: DagValues = {
    has: (key) => this.#values.has(key as K),
    watch: (key, results) => this.#watch(key, results),
    unwatch: (key, results) => this.#unwatch(key, results),
  };

  /**
   * @param preload - values that are there from the start: a Map, pairs of keys and values, or a plain object
   * @throws `ERR_INVALID_ARG_TYPE`
   */
  constructor(preload: Iterable<readonly [K, V]> | Record<string, V> = []) {
    for (const [key, value] of pairsOf<K, V>(preload, 'preload')) this.#values.set(key, value);
  }

  /**
   * Starts a green thread for `key`.
   * @param key - any value
   * @param depends - the keys whose values `fn` gets; they may be unknown yet
   * @param fn - gets the key, an iterator over the pairs of keys and values it depends on, in the order in which they come,
   * and `args`. What it returns is the key's value, unless it has posted one itself
   * @param args - more arguments for `fn`
   * @returns the green thread
   * @throws `ERR_VERDANT_COLLISION` when the key has a value or a green thread already
   */
  spawn<A extends unknown[]>(key: K, depends: Iterable<K>, fn: DagFunction<K, V, A>, ...args: A): GreenThread<V> {
    validateFunction(fn, 'fn');
    if (!isIterable(depends)) throw invalidType('depends', 'an iterable of keys', depends);
    if (this.#nodes.has(key) || this.#values.has(key)) throw new Collision(key);
    const results = new DagResults('DagPool results', this.#access, depends);
    const given = this.#pairs(results);
    const thread = spawn(() => fn(key, given, ...args));
    const node = { thread, results };
    this.#nodes.set(key, node);
    thread.onEnd(() => this.#ended(key, node));
    return thread;
  }

  /**
   * As `spawn`, for many keys with one function.
   * @param depends - for each key, the keys it depends on: a Map, pairs, or a plain object
   * @param fn - see `spawn`
   * @param args - more arguments for `fn`
   * @throws `ERR_VERDANT_COLLISION` when one of the keys has a value or a green thread already; then none is started
   */
  spawnMany<A extends unknown[]>(
    depends: Iterable<readonly [K, Iterable<K>]> | Record<string, Iterable<K>>,
    fn: DagFunction<K, V, A>,
    ...args: A
  ): void {
    validateFunction(fn, 'fn');
    const all = new Map(pairsOf<K, Iterable<K>>(depends, 'depends'));
    for (const [key, keys] of all) {
      if (!isIterable(keys)) throw invalidType('depends', 'iterables of keys, by key', keys);
      if (this.#nodes.has(key) || this.#values.has(key)) throw new Collision(key);
    }
    for (const [key, keys] of all) this.spawn(key, keys, fn, ...args);
  }

  /**
   * Gives `key` a value. Who waits for it goes on. Legal anywhere.
   * @param key - one without a green thread, or that of the calling green thread: then what it returns is ignored
   * @param value - the value; a `PropagateError` is thrown to those who ask for it
   * @param options - `replace`: or `true`, an earlier value may be replaced
   * @throws `ERR_VERDANT_COLLISION` when there is a value already, or a green thread (see `kill`)
   */
  post(key: K, value: V | PropagateError, options: boolean | { replace?: boolean } = {}): void {
    if (typeof options !== 'boolean') validateObject(options, 'options');
    const replace = typeof options === 'boolean' ? options : (options.replace ?? false);
    const node = this.#nodes.get(key);
    if (node !== undefined && node.thread !== getHub().current) throw new Collision(key);
    if (this.#values.has(key) && !replace) throw new Collision(key);
    this.#store(key, value);
  }

  /**
   * Kills the green thread of `key`. The key is free then: somebody may `post` or `spawn` it anew, for those who wait.
   * @param key - a key of `runningKeys()`
   * @throws `ERR_VERDANT_UNKNOWN_KEY` when no green thread runs for it
   */
  kill(key: K): void {
    const node = this.#nodes.get(key);
    if (node === undefined) throw unknownKey(key);
    this.#nodes.delete(key);
    node.thread.kill();
  }

  /**
   * Blocks until all of `keys` have values.
   * @param keys - default: all that have a value or a green thread now
   * @param options - `timeout` in milliseconds, `signal`
   * @returns the values by their keys, in the order of `keys`
   * @throws `ERR_VERDANT_PROPAGATE` as soon as one of them is known to have none; `ERR_VERDANT_TIMEOUT`; the signal's reason;
   * `ERR_VERDANT_NOT_GREEN` when it would have to wait and cannot
   */
  wait(keys?: Iterable<K>, options?: BlockingOptions): Map<K, V> {
    validateBlockingOptions(options);
    const all = this.#keysOf(keys);
    const values = new Map<K, V>();
    const results = new DagResults('DagPool.wait()', this.#access, all);
    const left = timeLeft(options);
    try {
      for (let step = results.next(left()); step.found; step = results.next(left())) this.#valueOf(step.key as K);
    } finally {
      results.close();
    }
    for (const key of all) values.set(key, this.#valueOf(key));
    return values;
  }

  /**
   * As `wait()` for all keys that have a value or a green thread now.
   * @param options - `timeout` in milliseconds, `signal`
   */
  waitAll(options?: BlockingOptions): Map<K, V> {
    return this.wait(undefined, options);
  }

  /**
   * Gives keys and values as they come. Those that are there come first.
   * @param keys - default: all that have a value or a green thread now
   */
  waitEach(keys?: Iterable<K>): DagIterator<[K, V]> {
    return this.#pairs(new DagResults('DagPool.waitEach()', this.#access, this.#keysOf(keys)));
  }

  /**
   * As `waitEach`, but passes over the keys whose green threads failed.
   * @param keys - default: all that have a value or a green thread now
   */
  waitEachSuccess(keys?: Iterable<K>): DagIterator<[K, V]> {
    const results = new DagResults('DagPool.waitEachSuccess()', this.#access, this.#keysOf(keys));
    return new Stepper(results, (key) => {
      const value = this.#values.get(key as K);
      return isPropagated(value) ? null : [key as K, value as V];
    });
  }

  /**
   * As `waitEach`, but gives only the keys whose green threads failed, each with its `PropagateError`.
   * @param keys - default: all that have a value or a green thread now
   */
  waitEachException(keys?: Iterable<K>): DagIterator<[K, PropagateError]> {
    const results = new DagResults('DagPool.waitEachException()', this.#access, this.#keysOf(keys));
    return new Stepper(results, (key) => {
      const value = this.#values.get(key as K);
      return isPropagated(value) ? [key as K, value] : null;
    });
  }

  /**
   * The value of `key`, without waiting for it.
   * @param key - any key
   * @returns undefined when there is no value yet
   * @throws `ERR_VERDANT_PROPAGATE` when its green thread failed
   */
  get(key: K): V | undefined;
  /**
   * As above, with something else for when there is no value yet.
   * @param key - any key
   * @param fallback - returned then
   */
  get<F>(key: K, fallback: F): V | F;
  get(key: K, fallback?: unknown): unknown {
    return this.#values.has(key) ? this.#valueOf(key) : fallback;
  }

  /** The keys that have a value, or an error in its place. */
  keys(): K[] {
    return [...this.#values.keys()];
  }

  /**
   * The keys that have a value, with it.
   * @throws `ERR_VERDANT_PROPAGATE` when one of them has an error in its place
   */
  items(): [K, V][] {
    return this.keys().map((key) => [key, this.#valueOf(key)]);
  }

  /** How many green threads run, those that wait for values included. */
  running(): number {
    return this.#nodes.size;
  }

  /** The keys of the green threads that run. */
  runningKeys(): K[] {
    return [...this.#nodes.keys()];
  }

  /** How many green threads of the pool wait for values. */
  waiting(): number {
    return this.waitingFor().size;
  }

  /** For each green thread that waits for values, by its key: the keys it waits for. Tells why nothing goes on. */
  waitingFor(): Map<K, Set<K>>;
  /**
   * The keys that the green thread of `key` waits for.
   * @throws `ERR_VERDANT_UNKNOWN_KEY` when `key` has neither a green thread nor a value
   */
  waitingFor(key: K): Set<K>;
  waitingFor(...keys: [] | [K]): Map<K, Set<K>> | Set<K> {
    if (keys.length === 0) {
      const all = [...this.#nodes.keys()].map((key): [K, Set<K>] => [key, this.waitingFor(key)]);
      return new Map(all.filter(([, missing]) => missing.size > 0));
    }
    const [key] = keys;
    const node = this.#nodes.get(key);
    if (node === undefined && !this.#values.has(key)) throw unknownKey(key);
    const pending = [...(node?.results.pending ?? [])] as K[];
    return new Set(pending.filter((each) => !this.#values.has(each)));
  }

  /** How many values there are, and how many green threads. */
  statistics(): DagPoolStatistics {
    return { values: this.#values.size, running: this.running(), waiting: this.waiting() };
  }

  #pairs(results: DagResults): DagIterator<[K, V]> {
    return new Stepper(results, (key) => [key as K, this.#valueOf(key as K)]);
  }

  #keysOf(keys: Iterable<K> | undefined): Set<K> {
    if (keys === undefined) return new Set([...this.#values.keys(), ...this.#nodes.keys()]);
    if (!isIterable(keys)) throw invalidType('keys', 'an iterable of keys', keys);
    return new Set(keys);
  }

  #valueOf(key: K): V {
    const value = this.#values.get(key);
    if (isPropagated(value)) throw value;
    return value as V;
  }

  #ended(key: K, node: Node): void {
    node.results.close();
    const outcome = outcomeOf(node.thread);
    if (this.#nodes.get(key) !== node) return; // killed by `kill`, and out of it
    this.#nodes.delete(key);
    if (this.#values.has(key)) return; // it has posted one itself
    this.#store(key, 'error' in outcome ? new PropagateError(key, outcome.error) : (outcome.value as V));
  }

  #store(key: K, value: V | PropagateError): void {
    this.#values.set(key, value);
    const watchers = this.#watchers.get(key);
    this.#watchers.delete(key);
    for (const results of watchers ?? []) results.arrived(key);
  }

  #watch(key: unknown, results: DagResults): void {
    const watchers = this.#watchers.get(key);
    if (watchers === undefined) this.#watchers.set(key, new Set([results]));
    else watchers.add(results);
  }

  #unwatch(key: unknown, results: DagResults): void {
    const watchers = this.#watchers.get(key);
    watchers?.delete(results);
    if (watchers?.size === 0) this.#watchers.delete(key);
  }
}

class Stepper<T> implements DagIterator<T> {
  readonly #results: DagResults;
  readonly #stepOf: (key: unknown) => T | null;

  /** @param stepOf - what to give for a key that has come; null passes over it; it may throw */
  constructor(results: DagResults, stepOf: (key: unknown) => T | null) {
    this.#results = results;
    this.#stepOf = stepOf;
  }

  next(options?: BlockingOptions): IteratorResult<T, undefined> {
    validateBlockingOptions(options);
    const left = timeLeft(options);
    for (let step = this.#results.next(left()); step.found; step = this.#results.next(left())) {
      const value = this.#stepOf(step.key);
      if (value !== null) return { done: false, value };
    }
    return { done: true, value: undefined };
  }

  return(): IteratorResult<T, undefined> {
    this.#results.close();
    return { done: true, value: undefined };
  }

  [Symbol.iterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.#results.close();
  }
}

function isPropagated(value: unknown): value is PropagateError {
  return value instanceof PropagateError;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof (value as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === 'function';
}

function pairsOf<K, V>(source: unknown, name: string): Iterable<readonly [K, V]> {
  if (typeof source !== 'object' || source === null) throw invalidType(name, 'a Map, pairs, or an object', source);
  return (isIterable(source) ? source : Object.entries(source)) as Iterable<readonly [K, V]>;
}

function unknownKey(key: unknown): VerdantError {
  return new VerdantError('ERR_VERDANT_UNKNOWN_KEY', `There is no green thread for the key ${inspect(key)}`);
}
