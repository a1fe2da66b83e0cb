import { type GreenThread } from '../green_thread';
import { type BlockingOptions, park, requireGreen, validateBlockingOptions } from '../park';
import { invalidType } from '../validate';
import { type Event } from './event';
import { type LightQueue } from './light_queue';
import { meetInterruption } from './queue_place';
import { type SelectCase, type SelectOutcome, SelectWait } from './select_case';
import { AfterCase, DefaultCase, EventCase, PromiseCase, ThreadCase } from './select_outcome';
import { GetCase, PutCase } from './select_queue';
import { ReadableCase, type Receivable } from './select_readable';

/** Which case has happened, by its place in the array, and what with. `index` tells the type of `value`. */
export type SelectResult<C extends readonly SelectCase[]> = {
  [K in keyof C]: {
    /** The case's place in the array. */
    index: K extends `${infer N extends number}` ? N : number;
    /** What it happened with. */
    value: C[K] extends SelectCase<infer V> ? V : never;
  };
}[number];

/** See {@link select}. */
export interface Select {
  /**
   * Waits for several things at once, and lets exactly one of them happen. If several can happen at once, one of them is
   * chosen by lot, all with the same chance; if none can, the first that can later on is it. Nothing has happened with the
   * others: no item taken, none put, no place in any line.
   *
   * An interruption (timeout, abort, kill) loses nothing either: an item that was handed over just before is given back as
   * with `queue.get`, an item that was taken has been put.
   * @param cases - made by `select.get`, `select.put`, `select.event`, `select.thread`, `select.promise`, `select.after`,
   * `select.readable`, `select.default`; none: waits for ever
   * @param options - `timeout` in milliseconds, `signal`
   * @returns `{ index, value }`: which case, and what it happened with
   * @throws what the case that happened throws (`ERR_VERDANT_CLOSED` of a closed queue, the error of an event, a green thread
   * or a promise); `ERR_VERDANT_TIMEOUT`; the signal's reason; `ERR_VERDANT_NOT_GREEN` outside a green thread, unless there is a
   * `select.default`
   * @example
   * ```ts
   * import { Channel, run, select, spawn } from 'verdant';
   *
   * await run(() => {
   *   const words = new Channel<string>(0);
   *   const numbers = new Channel<number>(0);
   *   spawn(() => words.put('seven'));
   *   const { index, value } = select([select.get(words), select.get(numbers), select.after(1000)]);
   *   console.log(index, value); // 0 seven
   * });
   * ```
   */
  <const C extends readonly SelectCase[]>(cases: C, options?: BlockingOptions): SelectResult<C>;

  /**
   * A case: an item is taken from a queue or channel. Value: the item. Throws `ERR_VERDANT_CLOSED` when that is closed and
   * nothing is left.
   * @param queue - any kind of queue
   */
  get<T>(queue: LightQueue<T>): SelectCase<T>;
  /**
   * As above, with a value for the end of the queue.
   * @param queue - any kind of queue
   * @param whenClosed - `closed`: the value once the queue is closed and nothing is left, in place of throwing
   */
  get<T, C>(queue: LightQueue<T>, whenClosed: { closed: C }): SelectCase<T | C>;

  /**
   * A case: an item is put into a queue or channel. Throws `ERR_VERDANT_CLOSED` if that is closed.
   * @param queue - any kind of queue
   * @param item - the item
   */
  put<T>(queue: LightQueue<T>, item: T): SelectCase<undefined>;

  /**
   * A case: an event was sent. Value: what was sent; an error that was sent is thrown.
   * @param event - an `Event`
   */
  event<T>(event: Event<T>): SelectCase<T>;

  /**
   * A case: a green thread has ended. Value: what its function returned; what it threw is thrown.
   * @param thread - not the one that selects
   */
  thread<R>(thread: GreenThread<R>): SelectCase<R>;

  /**
   * A case: a promise has settled. Value: what it was fulfilled with; what it was rejected with is thrown. A rejection while
   * nobody selects on it is not reported, as with `Promise.race`. When it was settled already, and is selected on for the first
   * time, that shows once the green thread waits.
   * @param promise - a promise or a thenable
   */
  promise<T>(promise: PromiseLike<T>): SelectCase<Awaited<T>>;

  /**
   * A case: some time has passed since the select began to wait.
   * @param ms - milliseconds; Infinity: never
   */
  after(ms: number): SelectCase<undefined>;

  /**
   * A case: there is something to be received, or the end of it: `recv` will not wait. Nobody else may read meanwhile
   * (`ERR_VERDANT_CONCURRENT_USE`).
   * @param source - a `Socket`, or a file descriptor, as for `waitReadable`
   */
  readable(source: number | Receivable): SelectCase<undefined>;

  /**
   * A case: nothing else can happen at once. A select that has it never waits, and is legal anywhere.
   */
  default(): SelectCase<undefined>;
  /**
   * As above, with a value.
   * @param value - given as the value
   */
  default<V>(value: V): SelectCase<V>;
}

const call = 'select()';

function waitForOne(cases: readonly SelectCase[], options?: BlockingOptions): { index: number; value: unknown } {
  validateCases(cases);
  validateBlockingOptions(options);
  const otherwise = cases.findIndex((one) => one instanceof DefaultCase);
  if (otherwise === -1) requireGreen(call, 'add select.default()');
  if (options?.signal?.aborted === true) throw options.signal.reason;
  const ready = chooseReady(cases);
  const index = ready === -1 ? otherwise : ready;
  if (index !== -1) return { index, value: cases[index]!.happen() };
  const outcome = waitForFirst(cases, options);
  if (outcome.failure !== null) {
    meetInterruption(call);
    throw outcome.failure.error;
  }
  return { index: outcome.index, value: cases[outcome.index]!.conclude(call, outcome.value) };
}

// By lot, each with the same chance, in one pass.
function chooseReady(cases: readonly SelectCase[]): number {
  let chosen = -1;
  let ready = 0;
  for (let index = 0; index < cases.length; index += 1) {
    if (!cases[index]!.ready()) continue;
    ready += 1;
    if (ready === 1 || Math.random() * ready < 1) chosen = index;
  }
  return chosen;
}

function waitForFirst(cases: readonly SelectCase[], options: BlockingOptions | undefined): SelectOutcome {
  const outcome: SelectOutcome = { index: -1, value: undefined, failure: null };
  park(call, {
    ...options,
    // What was decided has happened, and an interruption must not pass over it: see conclude().
    keeps: true,
    subscribe: (waker) => {
      const wait = new SelectWait(waker, outcome);
      wait.watch(cases);
      return () => wait.leave();
    },
  });
  return outcome;
}

function validateCases(cases: unknown): void {
  if (!Array.isArray(cases)) throw invalidType('cases', 'an array of cases', cases);
  for (const one of cases as unknown[]) {
    if (typeof (one as Partial<SelectCase> | null | undefined)?.watch !== 'function') {
      throw invalidType('cases', 'an array of what select.get(), select.put() and so on have made', one);
    }
  }
}

/** Waits for the first of several things; see {@link Select}. The idea is that of Go's `select`. */
export const select = Object.assign(waitForOne, {
  get: (queue: LightQueue, whenClosed?: { closed: unknown }) => new GetCase(queue, whenClosed),
  put: (queue, item) => new PutCase(queue, item),
  event: (event) => new EventCase(event),
  thread: (thread) => new ThreadCase(thread),
  promise: (promise) => new PromiseCase(promise),
  after: (ms) => new AfterCase(ms),
  readable: (source) => new ReadableCase(source),
  default: (value?: unknown) => new DefaultCase(value),
} as Omit<Select, never>) as Select;
