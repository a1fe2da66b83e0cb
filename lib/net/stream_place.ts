import { type AsyncResource } from 'node:async_hooks';
import { nextTick } from 'node:process';
import { getHub } from '../hub/registry';
import { type Waiter, type WaitQueue } from '../wait_queue';

/** Where a stream that has no green thread waits for its descriptor, and how it goes on: on Node's own stack, in its own context. */
export class StreamPlace implements Waiter {
  queue: WaitQueue | null = null;
  before: Waiter | null = null;
  after: Waiter | null = null;
  carries: unknown = undefined;
  readonly #name: string;
  readonly #goOn: () => void;
  readonly #failed: (error: Error) => void;

  /**
   * @param goOn - its wait is over
   * @param failed - the descriptor, or the hub, is closed
   */
  constructor(name: string, context: AsyncResource, goOn: () => void, failed: (error: Error) => void) {
    this.#name = name;
    this.#goOn = () => {
      context.runInAsyncScope(goOn);
    };
    this.#failed = (error) => {
      context.runInAsyncScope(failed, undefined, error);
    };
  }

  /** Goes on in a turn of the hub, within its budget: who never has to wait does not keep others waiting. */
  soon(): void {
    getHub().callSoon(this.#goOn);
  }

  // Not here: what listeners throw would keep the hub's other events from whom they are for.
  wake(): boolean {
    this.soon();
    return true;
  }

  // A hub that is closed has no more turns.
  wakeWithError(error: unknown): boolean {
    nextTick(this.#failed, error);
    return true;
  }

  describe(): string {
    return this.#name;
  }
}
