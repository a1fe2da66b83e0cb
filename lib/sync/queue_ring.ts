import { type QueueStore } from './queue_store';

/** A ring that has grown with a burst of items is given back by halves when they are gone. */
const keptCapacity = 64;

/** First in, first out, open at both ends. No allocation per item once it has grown to its working size. */
export class QueueRing<T> implements QueueStore<T> {
  readonly inOrder = true;
  #slots: (T | undefined)[] = new Array<T | undefined>(4);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    if (this.#size === this.#slots.length) this.#move(2 * this.#size);
    this.#slots[(this.#head + this.#size) & (this.#slots.length - 1)] = item;
    this.#size += 1;
  }

  unshift(item: T): void {
    if (this.#size === this.#slots.length) this.#move(2 * this.#size);
    this.#head = (this.#head - 1) & (this.#slots.length - 1);
    this.#slots[this.#head] = item;
    this.#size += 1;
  }

  shift(): T {
    const slots = this.#slots;
    const item = slots[this.#head] as T;
    slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (slots.length - 1);
    this.#shrunk();
    return item;
  }

  /** The one that was pushed last, taken out. */
  pop(): T {
    const at = (this.#head + this.#size - 1) & (this.#slots.length - 1);
    const item = this.#slots[at] as T;
    this.#slots[at] = undefined;
    this.#shrunk();
    return item;
  }

  first(): T {
    return this.#slots[this.#head] as T;
  }

  clear(): void {
    this.#slots = new Array<T | undefined>(4);
    this.#head = this.#size = 0;
  }

  #shrunk(): void {
    this.#size -= 1;
    const capacity = this.#slots.length;
    if (capacity > keptCapacity && 4 * this.#size < capacity) this.#move(capacity / 2);
  }

  #move(capacity: number): void {
    const slots = this.#slots;
    const moved = new Array<T | undefined>(capacity);
    for (let i = 0; i < this.#size; i += 1) moved[i] = slots[(this.#head + i) & (slots.length - 1)];
    this.#slots = moved;
    this.#head = 0;
  }
}
