import { type Waker } from '../park';
import { QueuePlace } from './queue_place';

/** One of the things that a `select` waits for; made by `select.get`, `select.put` and so on. May be used again. */
export abstract class SelectCase<V = unknown> {
  /** @internal What it happens with, for the type checker alone. */
  declare readonly gives?: V;

  /** @internal Whether it can happen now. */
  abstract ready(): boolean;

  /** @internal Lets it happen. `ready()` has just said that it can. */
  abstract happen(): V;

  /** @internal Has `place` woken when it can happen, or has happened. Returns how to take that back. */
  abstract watch(place: SelectPlace): () => void;

  /** @internal It has happened, and the green thread runs again. `outcome` is what the place was woken with. */
  abstract conclude(call: string, outcome: unknown): V;
}

/** How a select that had to wait has come out. */
export interface SelectOutcome {
  index: number;
  value: unknown;
  failure: { error: unknown } | null;
}

/** One wait for several cases: the first place that is woken decides, and all are given up at that moment. */
export class SelectWait {
  readonly #waker: Waker;
  readonly #outcome: SelectOutcome;
  readonly #leave: (() => void)[] = [];

  /**
   * @param waker - ends the wait
   * @param outcome - told how; apart from the wait, since it lies on the waiting thread's stack
   */
  constructor(waker: Waker, outcome: SelectOutcome) {
    this.#waker = waker;
    this.#outcome = outcome;
  }

  watch(cases: readonly SelectCase[]): void {
    try {
      cases.forEach((one, index) => this.#leave.push(one.watch(new SelectPlace(this, index))));
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  leave(): void {
    for (const leave of this.#leave.splice(0)) leave();
  }

  decide(index: number, value: unknown, failure: { error: unknown } | null): boolean {
    const outcome = this.#outcome;
    if (outcome.index !== -1) return false;
    outcome.index = index;
    outcome.value = value;
    outcome.failure = failure;
    this.#waker.wake(undefined); // which leaves all places
    return true;
  }
}

/** The place of one case in the line of what it waits for. */
export class SelectPlace extends QueuePlace {
  readonly #wait: SelectWait;
  readonly #index: number;
  /** Whether a wake-up is no more than a hint: what is asked then. */
  stillWaiting: (() => boolean) | null = null;

  constructor(wait: SelectWait, index: number) {
    super();
    this.#wait = wait;
    this.#index = index;
  }

  wake(value: unknown): boolean {
    try {
      if (this.stillWaiting?.() === true) return false;
    } catch (error) {
      return this.wakeWithError(error);
    }
    return this.#wait.decide(this.#index, value, null);
  }

  wakeWithError(error: unknown): boolean {
    return this.#wait.decide(this.#index, undefined, { error });
  }

  override describe(): string {
    return 'a select()';
  }
}
