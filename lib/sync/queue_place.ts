import { requireGreen } from '../park';
import { type Waiter, type WaitQueue } from '../wait_queue';

// What those who wait for a queue are woken with.

/** To a getter: an item has been put aside for it. */
export const granted = Symbol('granted');
/** To a getter: the queue is closed, and nothing is left. */
export const ended = Symbol('ended');
/** To a putter: its item is in the queue, or has been taken. */
export const accepted = Symbol('accepted');
/** To a putter: the queue was closed before there was room. */
export const refused = Symbol('refused');

/** A place in a wait queue for somebody who is no parked thread, or waits in several queues at once. */
export abstract class QueuePlace implements Waiter {
  queue: WaitQueue | null = null;
  before: Waiter | null = null;
  after: Waiter | null = null;
  carries: unknown = undefined;

  abstract wake(value: unknown): boolean;
  abstract wakeWithError(error: unknown): boolean;

  describe(): string {
    return this.constructor.name;
  }

  leave(): void {
    this.queue?.remove(this);
  }
}

/**
 * Throws what has interrupted the running green thread between its wake-up and now. Called after a park with `keeps`, which
 * alone holds such an interruption back: so it is known here that something was handed over, and can be given back.
 */
export function meetInterruption(call: string): void {
  requireGreen(call).throwPending();
}
