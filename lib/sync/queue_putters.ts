import { type Waiter, WaitQueue } from '../wait_queue';

/** Those who wait for room, each with its item. */
export class QueuePutters<T> extends WaitQueue {
  /** The item of the next who is pushed; `park` pushes the thread and knows nothing of items. */
  incoming: T | undefined = undefined;
  readonly #joined: () => void;

  /** @param joined - called when somebody has come to wait */
  constructor(joined: () => void) {
    super();
    this.#joined = joined;
  }

  /** The item that the first one waits with. There is one. */
  get firstItem(): T {
    return this.first!.carries as T;
  }

  override push(waiter: Waiter): void {
    waiter.carries = this.incoming;
    this.incoming = undefined;
    super.push(waiter);
    this.#joined();
  }

  override remove(waiter: Waiter): void {
    if (waiter.queue !== this) return;
    waiter.carries = undefined;
    super.remove(waiter);
  }
}
