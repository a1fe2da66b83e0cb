import { type WaitQueue } from '../wait_queue';

/**
 * Takes the first out of the queue and ends its wait. What is handed over so is its own at once, before it runs: nobody who
 * comes in between can take it.
 * @returns false when nobody waits
 */
export function wakeFirst(queue: WaitQueue, value: unknown): boolean {
  for (let { first } = queue; first !== null; { first } = queue) {
    queue.remove(first);
    if (first.wake(value)) return true;
  }
  return false;
}

/** Ends the wait of everybody in the queue, oldest first. */
export function wakeAll(queue: WaitQueue, value: unknown): void {
  while (wakeFirst(queue, value));
}

/** Ends the wait of everybody in the queue with an error, oldest first. */
export function failAll(queue: WaitQueue, makeError: () => unknown): void {
  for (let { first } = queue; first !== null; { first } = queue) {
    queue.remove(first);
    first.wakeWithError(makeError());
  }
}
