import { adopt, isThenable } from '../bridge/wait';
import { DeadlockError } from '../errors';
import { type GreenThread, validateGreenThread } from '../green_thread';
import { getHub } from '../hub/registry';
import { invalidType, validateMilliseconds } from '../validate';
import { WaitQueue } from '../wait_queue';
import { type Event } from './event';
import { meetInterruption } from './queue_place';
import { SelectCase, type SelectPlace } from './select_case';
import { failAll, wakeAll } from './wake';

// Cases from which nothing is taken: they are as they were for everybody else.

/** An event was sent. */
export class EventCase<T> extends SelectCase<T> {
  readonly #event: Event<T>;

  constructor(event: Event<T>) {
    super();
    const waiters = (event as Partial<Event<T>> | null | undefined)?.waiters;
    if (typeof waiters?.push !== 'function') throw invalidType('event', 'an Event', event);
    this.#event = event;
  }

  ready(): boolean {
    return this.#event.ready();
  }

  happen(): T {
    return this.#event.poll<never>();
  }

  watch(place: SelectPlace): () => void {
    this.#event.waiters.push(place);
    return () => place.leave();
  }

  conclude(call: string, outcome: unknown): T {
    meetInterruption(call);
    return outcome as T;
  }
}

/** A green thread has ended. */
export class ThreadCase<R> extends SelectCase<R> {
  readonly #thread: GreenThread<R>;

  constructor(thread: GreenThread<R>) {
    super();
    validateGreenThread(thread, 'thread');
    this.#thread = thread;
  }

  ready(): boolean {
    const thread = this.#thread;
    if (getHub().current === thread) throw new DeadlockError('A green thread cannot wait for its own end');
    return thread.dead;
  }

  happen(): R {
    const thread = this.#thread;
    thread.observe();
    if (thread.state === 'done') return thread.value as R;
    throw thread.error;
  }

  watch(place: SelectPlace): () => void {
    const onEnd = (): void => {
      place.wake(undefined);
    };
    this.#thread.onEnd(onEnd);
    return () => this.#thread.offEnd(onEnd);
  }

  conclude(call: string): R {
    meetInterruption(call);
    return this.happen();
  }
}

/** What is known of a promise that somebody has selected on. */
class Watched {
  state: 'pending' | 'fulfilled' | 'rejected' = 'pending';
  outcome: unknown;
  readonly waiters = new WaitQueue();

  constructor(promise: PromiseLike<unknown>) {
    adopt(promise).then(
      (value) => {
        this.state = 'fulfilled';
        this.outcome = value;
        wakeAll(this.waiters, value);
      },
      (error: unknown) => {
        this.state = 'rejected';
        this.outcome = error;
        failAll(this.waiters, () => error);
      },
    );
  }
}

// A reaction cannot be taken back, so a promise gets one, however often it is selected on: think of a loop around a promise
// that settles when the program ends.
const watched = new WeakMap<PromiseLike<unknown>, Watched>();

/** A promise has settled. */
export class PromiseCase<T> extends SelectCase<Awaited<T>> {
  readonly #watched: Watched;

  constructor(promise: T) {
    super();
    const known = watched.get(promise as PromiseLike<unknown>);
    if (known === undefined) {
      if (!isThenable(promise)) throw invalidType('promise', 'a promise or a thenable', promise);
      this.#watched = new Watched(promise);
      watched.set(promise, this.#watched);
    } else {
      this.#watched = known;
    }
  }

  ready(): boolean {
    return this.#watched.state !== 'pending';
  }

  happen(): Awaited<T> {
    if (this.#watched.state === 'rejected') throw this.#watched.outcome;
    return this.#watched.outcome as Awaited<T>;
  }

  watch(place: SelectPlace): () => void {
    this.#watched.waiters.push(place);
    return () => place.leave();
  }

  conclude(call: string): Awaited<T> {
    meetInterruption(call);
    return this.happen();
  }
}

/** Some time has passed. */
export class AfterCase extends SelectCase<undefined> {
  readonly #ms: number;

  constructor(ms: number) {
    super();
    validateMilliseconds(ms, 'ms');
    this.#ms = ms;
  }

  ready(): boolean {
    return false;
  }

  happen(): undefined {
    return undefined;
  }

  watch(place: SelectPlace): () => void {
    if (this.#ms === Infinity) return () => undefined;
    const timer = getHub().startTimer(this.#ms, () => place.wake(undefined));
    return () => timer.cancel();
  }

  conclude(call: string): undefined {
    meetInterruption(call);
  }
}

/** Nothing else can happen at once. */
export class DefaultCase<V> extends SelectCase<V> {
  constructor(readonly value: V) {
    super();
  }

  ready(): boolean {
    return false;
  }

  happen(): V {
    return this.value;
  }

  watch(): () => void {
    throw new TypeError('a select with a default does not wait');
  }

  conclude(): V {
    return this.value;
  }
}
