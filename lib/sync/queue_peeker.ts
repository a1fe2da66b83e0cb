import { type Waker } from '../park';
import { QueuePlace } from './queue_place';

/** Waits in line for an item, and leaves it where it is. */
export class QueuePeeker extends QueuePlace {
  readonly #waker: Waker;

  constructor(waker: Waker) {
    super();
    this.#waker = waker;
  }

  wake(value: unknown): boolean {
    this.#waker.wake(value);
    return true;
  }

  wakeWithError(error: unknown): boolean {
    this.#waker.fail(error);
    return true;
  }
}
