import { invalidType } from '../validate';
import { type LightQueue } from './light_queue';
import { ended, meetInterruption } from './queue_place';
import { SelectCase, type SelectPlace } from './select_case';

/** Takes an item. */
export class GetCase<T, C> extends SelectCase<T | C> {
  readonly #queue: LightQueue<T>;
  readonly #whenClosed: { closed: C } | undefined;

  constructor(queue: LightQueue<T>, whenClosed: { closed: C } | undefined) {
    super();
    validateQueue(queue);
    this.#queue = queue;
    this.#whenClosed = whenClosed;
  }

  ready(): boolean {
    return this.#queue.hasItem() || this.#queue.drained();
  }

  happen(): T | C {
    if (this.#whenClosed !== undefined && this.#queue.drained()) return this.#whenClosed.closed;
    return this.#queue.getNowait();
  }

  watch(place: SelectPlace): () => void {
    this.#queue.joinGetters(place);
    return () => place.leave();
  }

  conclude(call: string, outcome: unknown): T | C {
    if (outcome === ended && this.#whenClosed !== undefined) {
      meetInterruption(call);
      return this.#whenClosed.closed;
    }
    return this.#queue.collect(call, outcome);
  }
}

/** Puts an item. */
export class PutCase<T> extends SelectCase<undefined> {
  readonly #queue: LightQueue<T>;
  readonly #item: T;

  constructor(queue: LightQueue<T>, item: T) {
    super();
    validateQueue(queue);
    this.#queue = queue;
    this.#item = item;
  }

  ready(): boolean {
    return this.#queue.takesItem();
  }

  happen(): undefined {
    this.#queue.offer(this.#item);
  }

  watch(place: SelectPlace): () => void {
    this.#queue.joinPutters(place, this.#item);
    return () => place.leave();
  }

  conclude(call: string, outcome: unknown): undefined {
    this.#queue.confirm(call, outcome);
  }
}

// Of whichever copy of verdant.
function validateQueue(queue: unknown): void {
  if (typeof (queue as Partial<LightQueue> | null | undefined)?.joinGetters !== 'function') {
    throw invalidType('queue', 'a queue or a Channel', queue);
  }
}
