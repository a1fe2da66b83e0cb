import { type GreenThread } from '../green_thread';
import { type BlockingOptions, park } from '../park';
import { WaitQueue } from '../wait_queue';
import { wakeAll, wakeFirst } from '../sync/wake';

/** How a job ended. */
export type Outcome<T> = { value: T } | { error: unknown };

/** A place among the results, for a job that has begun or is about to. */
export interface Expected<T> {
  outcome: Outcome<T> | null;
  after: Expected<T> | null;
}

/** Returned by `next` when there is nothing more to come. */
export const over = Symbol('over');

/**
 * Outcomes of jobs on their way to those who ask for them, in the order of the jobs or in that of their ends. A result is
 * handed to the one who has waited longest; whoever is interrupted before has taken nothing.
 */
export class Results<T> {
  readonly #ordered: boolean;
  readonly #taken: () => void;
  /** Those who ask for the next result. */
  readonly waiting = new WaitQueue();
  #first: Expected<T> | null = null;
  #last: Expected<T> | null = null;
  #size = 0;
  #sources = 0;
  #closed = false;

  /**
   * @param ordered - in the order in which they were expected, or in that in which they come
   * @param taken - called after a result has gone to somebody
   */
  constructor(ordered: boolean, taken: () => void = () => undefined) {
    this.#ordered = ordered;
    this.#taken = taken;
  }

  /** How many are expected or lie ready. */
  get size(): number {
    return this.#size;
  }

  /** Nothing lies here, and nothing more will come. */
  get over(): boolean {
    return this.#closed || (this.#size === 0 && this.#sources === 0);
  }

  /** Until `sourceEnded()`, more may come. */
  sourceBegan(): void {
    this.#sources += 1;
  }

  sourceEnded(): void {
    this.#sources -= 1;
    this.#endIfOver();
  }

  /** A place for one more. */
  expect(): Expected<T> {
    const place: Expected<T> = { outcome: null, after: null };
    this.#size += 1;
    if (this.#ordered) this.#append(place);
    return place;
  }

  settle(place: Expected<T>, outcome: Outcome<T>): void {
    if (this.#closed) return;
    place.outcome = outcome;
    if (!this.#ordered) this.#append(place);
    while (this.waiting.size > 0 && this.#ready) wakeFirst(this.waiting, this.#take());
    this.#endIfOver();
  }

  /** Forgets all, expected or ready; those who ask are told that it is over. */
  close(): void {
    this.#closed = true;
    this.#first = this.#last = null;
    this.#size = 0;
    this.#endIfOver();
  }

  /**
   * The next outcome, or `over`; waits for it if it must.
   * @param call - for errors
   * @param options - `timeout`, `signal`
   */
  next(call: string, options: BlockingOptions | undefined): Outcome<T> | typeof over {
    return this.poll() ?? (park(call, { ...options, queue: this.waiting, keeps: true }) as Outcome<T> | typeof over);
  }

  /** As `next`, but null if it would have to wait. */
  poll(): Outcome<T> | typeof over | null {
    if (this.#ready) {
      const outcome = this.#take();
      this.#endIfOver();
      return outcome;
    }
    return this.over ? over : null;
  }

  get #ready(): boolean {
    return this.#first !== null && this.#first.outcome !== null;
  }

  #append(place: Expected<T>): void {
    if (this.#last === null) this.#first = place;
    else this.#last.after = place;
    this.#last = place;
  }

  #take(): Outcome<T> {
    const { outcome, after } = this.#first!;
    this.#first = after;
    if (after === null) this.#last = null;
    this.#size -= 1;
    this.#taken();
    return outcome!;
  }

  #endIfOver(): void {
    if (this.over) wakeAll(this.waiting, over);
  }
}

/** The outcome as an iterator's step. */
export function stepOf<T>(outcome: Outcome<T> | typeof over): IteratorResult<T, undefined> {
  if (outcome === over) return { done: true, value: undefined };
  if ('error' in outcome) throw outcome.error;
  return { done: false, value: outcome.value };
}

/** How a green thread that has ended did. */
export function outcomeOf<T>(thread: GreenThread<T>): Outcome<T> {
  thread.observe();
  return thread.state === 'done' ? { value: thread.value as T } : { error: thread.error };
}
