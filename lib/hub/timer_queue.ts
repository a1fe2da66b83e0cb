/** A call at a deadline. `cancel()` is safe at any time, any number of times. */
export class Timer {
  /** @internal */
  constructor(
    /** When it fires, in milliseconds on the hub's clock. */
    readonly deadline: number,
    /** @internal */ readonly sequence: number,
    /** @internal */ callback: () => void,
    /** @internal */ readonly queue: TimerQueue,
  ) {
    this.callback = callback;
  }

  /** @internal */ callback: (() => void) | null;

  /** True until the timer has fired or was cancelled. */
  get pending(): boolean {
    return this.callback !== null;
  }

  /** Takes it back. */
  cancel(): void {
    if (this.callback === null) return;
    this.callback = null;
    this.queue.noteCancelled();
  }
}

/**
 * A binary heap of timers, ordered by deadline and then by age, so that equal deadlines fire first come, first served.
 * Cancelled timers stay until they come up, or until they are the greater part.
 */
export class TimerQueue {
  /** @param cancelled - told whenever a pending timer was cancelled */
  constructor(private readonly cancelled: () => void = () => undefined) {}

  #heap: Timer[] = [];
  #sequence = 0;
  #cancelled = 0;

  /** Timers that may still fire. */
  get size(): number {
    return this.#heap.length - this.#cancelled;
  }

  /** Entries held, the cancelled ones included. */
  get held(): number {
    return this.#heap.length;
  }

  add(deadline: number, callback: () => void): Timer {
    const timer = new Timer(deadline, this.#sequence, callback, this);
    this.#sequence += 1;
    this.#heap.push(timer);
    this.#siftUp(this.#heap.length - 1);
    return timer;
  }

  /** The deadline that comes first, or null. */
  earliest(): number | null {
    this.#dropCancelled();
    return this.#heap[0]?.deadline ?? null;
  }

  /** Takes out the oldest timer due at `now`; marks it as fired and returns its callback. */
  takeDue(now: number): (() => void) | null {
    this.#dropCancelled();
    const first = this.#heap[0];
    if (first === undefined || first.deadline > now) return null;
    this.#removeFirst();
    const { callback } = first;
    first.callback = null;
    return callback;
  }

  /** @internal */
  noteCancelled(): void {
    this.#cancelled += 1;
    if (this.#cancelled > 64 && this.#cancelled * 2 > this.#heap.length) this.#compact();
    this.cancelled();
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.callback === null) {
      this.#removeFirst();
      this.#cancelled -= 1;
    }
  }

  #compact(): void {
    this.#heap = this.#heap.filter((timer) => timer.pending).sort(before);
    this.#cancelled = 0;
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (this.#heap.length === 0 || last === undefined) return;
    this.#heap[0] = last;
    this.#siftDown(0);
  }

  #siftUp(start: number): void {
    const heap = this.#heap;
    const timer = heap[start]!;
    let at = start;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up]!;
      if (before(parent, timer) <= 0) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = timer;
  }

  #siftDown(start: number): void {
    const heap = this.#heap;
    const timer = heap[start]!;
    let at = start;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && before(heap[down + 1]!, heap[down]!) < 0) down += 1;
      if (before(heap[down]!, timer) >= 0) break;
      heap[at] = heap[down]!;
      at = down;
    }
    heap[at] = timer;
  }
}

function before(a: Timer, b: Timer): number {
  return a.deadline - b.deadline || a.sequence - b.sequence;
}
