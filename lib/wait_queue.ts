/** A place in a wait queue. A green thread is its own place: it waits in one queue at a time. */
export interface Waiter {
  queue: WaitQueue | null;
  before: Waiter | null;
  after: Waiter | null;
  /** What it waits with, where the queue's owner wants something of it: the item of a `put`. */
  carries: unknown;
  /** Ends its wait with a value. False if it has ended already. */
  wake(value: unknown): boolean;
  /** Ends its wait with an error. False if it has ended already. */
  wakeWithError(error: unknown): boolean;
  /** Who it is and where it waits, for error messages. */
  describe(): string;
}

/** Who waits, first come first served. Joining, leaving from anywhere and taking the first are constant time. */
export class WaitQueue {
  #first: Waiter | null = null;
  #last: Waiter | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Waiter | null {
    return this.#first;
  }

  push(waiter: Waiter): void {
    waiter.queue = this;
    waiter.before = this.#last;
    waiter.after = null;
    if (this.#last === null) this.#first = waiter;
    else this.#last.after = waiter;
    this.#last = waiter;
    this.#size += 1;
  }

  remove(waiter: Waiter): void {
    if (waiter.queue !== this) return;
    if (waiter.before === null) this.#first = waiter.after;
    else waiter.before.after = waiter.after;
    if (waiter.after === null) this.#last = waiter.before;
    else waiter.after.before = waiter.before;
    waiter.queue = waiter.before = waiter.after = null;
    this.#size -= 1;
  }
}
