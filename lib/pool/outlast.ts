import { park } from '../park';
import { type WaitQueue } from '../wait_queue';

/**
 * Waits in `queue` until `over()`, whatever comes: a scope that has killed what it started is not left before that has
 * ended. What is thrown into the thread meanwhile meets it at its next suspension.
 */
export function outlast(call: string, queue: WaitQueue, over: () => boolean): void {
  // `keeps`: a kill that comes between the wake-up and the thread's turn must not end it either.
  while (!over()) park(call, { queue, deaf: true, keeps: true });
}
