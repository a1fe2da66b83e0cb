// The rules of parking, killing and timing out, written once more in the plainest way: generators, arrays, one number as the
// clock. What green threads do on the hub must be what these do here, event by event.

/** What a reference thread gives up control with. */
export interface Park {
  /** Where it queues up. */
  queue?: RefThread[];
  timeout?: number | undefined;
  /** The outcome of the timeout; without it, an error. */
  onTimeout?: unknown;
  signal?: number | undefined;
  keeps?: boolean;
  deaf?: boolean;
  /** Ready again at once. */
  yields?: boolean;
}

export type Flow = Generator<Park, unknown, unknown>;

export interface Interrupt {
  error: unknown;
}

interface RefTimer {
  at: number;
  fire: () => void;
}

/** Errors are told apart by their names: `kill` is a GreenExit, the others are not. */
export class RefError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

export class RefThread {
  started = false;
  dead = false;
  parked: Park | null = null;
  /** Ready, and woken by what it has not seen yet. */
  outcome: { value: unknown } | { error: unknown } | null = null;
  keeps = false;
  pending: Interrupt[] = [];
  killed: Interrupt | null = null;
  timer: RefTimer | null = null;

  constructor(
    readonly id: number,
    readonly flow: Flow,
  ) {}
}

export class ReferenceWorld {
  now = 0;
  current: RefThread | null = null;
  readonly threads: RefThread[] = [];
  readonly ready: RefThread[] = [];
  #timers: RefTimer[] = [];
  readonly #calls: (() => void)[] = [];
  readonly #aborted = new Set<number>();
  readonly #listening: { thread: RefThread; signal: number }[] = [];

  spawn(flow: Flow): RefThread {
    const thread = new RefThread(this.threads.length, flow);
    this.threads.push(thread);
    this.ready.push(thread);
    return thread;
  }

  /** Until nothing is left to do. */
  run(): void {
    for (;;) {
      for (let thread = this.ready.shift(); thread !== undefined; thread = this.ready.shift()) this.#step(thread);
      if (this.#timers.length === 0) return;
      this.now = Math.min(...this.#timers.map(({ at }) => at));
      for (let due = this.#due(); due !== undefined; due = this.#due()) due.fire();
      for (let call = this.#calls.shift(); call !== undefined; call = this.#calls.shift()) call();
    }
  }

  #due(): RefTimer | undefined {
    const due = this.#timers.find(({ at }) => at <= this.now);
    if (due !== undefined) this.cancelTimer(due);
    return due;
  }

  #step(thread: RefThread): void {
    this.current = thread;
    if (!thread.started && thread.killed !== null) {
      thread.dead = true;
    } else {
      const { outcome } = thread;
      thread.outcome = null;
      const fresh = !thread.started;
      thread.started = true;
      if (fresh) this.#advance(thread, () => thread.flow.next());
      else if (outcome !== null && 'error' in outcome) this.#advance(thread, () => thread.flow.throw(outcome.error));
      else this.#advance(thread, () => thread.flow.next(outcome?.value));
    }
    this.current = null;
  }

  #advance(thread: RefThread, move: () => IteratorResult<Park>): void {
    for (let next = move; ;) {
      const result = next();
      if (result.done === true) {
        thread.dead = true;
        return;
      }
      const refusal = this.#park(thread, result.value);
      if (refusal === null) return;
      next = () => thread.flow.throw(refusal.error);
    }
  }

  #park(thread: RefThread, park: Park): Interrupt | null {
    if (park.deaf !== true) {
      const pending = thread.pending.shift();
      if (pending !== undefined) return pending;
      if (thread.killed !== null && isExit(thread.killed.error)) return thread.killed;
    }
    if (park.signal !== undefined && this.#aborted.has(park.signal)) return { error: abortOf(park.signal) };
    thread.parked = park;
    thread.keeps = park.keeps === true;
    park.queue?.push(thread);
    if (park.timeout !== undefined) {
      const outcome = 'onTimeout' in park ? { value: park.onTimeout } : { error: new RefError('ERR_VERDANT_TIMEOUT') };
      thread.timer = this.startTimer(park.timeout, () => this.#unpark(thread, outcome));
    }
    if (park.signal !== undefined) this.#listening.push({ thread, signal: park.signal });
    if (park.yields === true) this.wake(thread, undefined);
    return null;
  }

  #unpark(thread: RefThread, outcome: { value: unknown } | { error: unknown }): void {
    if (thread.parked === null) return;
    const { queue } = thread.parked;
    if (queue?.includes(thread) === true) queue.splice(queue.indexOf(thread), 1);
    if (thread.timer !== null) this.cancelTimer(thread.timer);
    thread.timer = null;
    const at = this.#listening.findIndex((each) => each.thread === thread);
    if (at !== -1) this.#listening.splice(at, 1);
    thread.parked = null;
    thread.outcome = outcome;
    this.ready.push(thread);
  }

  // --- what primitives and programs do ------------------------------------------------------------------------------

  wake(thread: RefThread, value: unknown): void {
    this.#unpark(thread, { value });
  }

  fail(thread: RefThread, error: unknown): void {
    this.#unpark(thread, { error });
  }

  startTimer(ms: number, fire: () => void): RefTimer {
    const timer = { at: this.now + ms, fire };
    // After those of the same deadline.
    const after = this.#timers.findIndex(({ at }) => at > timer.at);
    this.#timers.splice(after === -1 ? this.#timers.length : after, 0, timer);
    return timer;
  }

  cancelTimer(timer: RefTimer): void {
    this.#timers = this.#timers.filter((each) => each !== timer);
  }

  /** A plain callback in `ms`. */
  later(ms: number, call: () => void): void {
    this.startTimer(ms, () => this.#calls.push(call));
  }

  kill(thread: RefThread, error: unknown): void {
    if (thread.dead) return;
    if (thread === this.current) throw error;
    thread.killed ??= { error };
    if (thread.started) this.interrupt(thread, { error });
  }

  interrupt(thread: RefThread, sent: Interrupt): void {
    if (thread.dead) return;
    const replaceable = thread.outcome !== null && !thread.keeps && !('error' in thread.outcome);
    if (thread.parked !== null && thread.parked.deaf !== true) this.#unpark(thread, sent);
    else if (thread !== this.current && replaceable) thread.outcome = sent;
    else thread.pending.push(sent);
  }

  forgive(thread: RefThread, sent: Interrupt): void {
    thread.pending = thread.pending.filter((each) => each !== sent);
  }

  abort(signal: number): void {
    if (this.#aborted.has(signal)) return;
    this.#aborted.add(signal);
    for (const { thread } of this.#listening.filter((each) => each.signal === signal)) {
      this.#unpark(thread, { error: abortOf(signal) });
    }
  }

  /** What a call throws that looks at its signal before anything else. */
  throwIfAborted(signal: number | undefined): void {
    if (signal !== undefined && this.#aborted.has(signal)) throw abortOf(signal);
  }

  *sleep(ms: number): Flow {
    yield ms === 0 ? { yields: true } : { timeout: ms, onTimeout: undefined };
    return undefined;
  }

  /** As withTimeout(). */
  *limit(ms: number, inner: () => Flow): Flow {
    const me = this.current!;
    const error = new RefError('ERR_VERDANT_TIMEOUT');
    let sent: Interrupt | null = null;
    const timer = this.startTimer(ms, () => {
      sent = { error };
      this.interrupt(me, sent);
    });
    try {
      return yield* inner();
    } catch (caught) {
      if (sent !== null && caught === error) return 'limit';
      throw caught;
    } finally {
      this.cancelTimer(timer);
      if (sent !== null) this.forgive(me, sent);
    }
  }
}

export function isExit(error: unknown): boolean {
  return error instanceof RefError && error.code === 'ERR_VERDANT_KILLED';
}

function abortOf(signal: number): RefError {
  return new RefError(`abort ${signal}`);
}
