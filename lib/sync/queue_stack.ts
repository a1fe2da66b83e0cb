import { type QueueStore } from './queue_store';

/** Last in, first out. */
export class QueueStack<T> implements QueueStore<T> {
  readonly inOrder = false;
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T {
    return this.#items.pop() as T;
  }

  unshift(item: T): void {
    this.#items.push(item);
  }

  first(): T {
    return this.#items.at(-1) as T;
  }

  clear(): void {
    this.#items.length = 0;
  }
}
