import { type WaitQueue } from '../wait_queue';

/** Wakes all that wait, with the same value. */
export function wakeAll(queue: WaitQueue, value: unknown): void {
  for (let { first } = queue; first !== null; { first } = queue) {
    queue.remove(first);
    first.wake(value);
  }
}

/** Takes the first that waits out of the queue and wakes it; false if nobody waits. */
export function wakeFirst(queue: WaitQueue, value: unknown): boolean {
  const { first } = queue;
  if (first === null) return false;
  queue.remove(first);
  first.wake(value);
  return true;
}
