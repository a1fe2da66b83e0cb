/** Something that a `Pool` keeps, with what the pool knows of it. */
export interface Item<T> {
  readonly value: T;
  readonly createdAt: number;
  idleSince: number;
  /** Just made, and never idle. */
  fresh: boolean;
  /** Which of its users has it: each gets another number. */
  lease: number;
  next: Item<T> | null;
}

/** Items by their values. Several may have equal ones: a pool of numbers. */
export class Items<T> {
  readonly #byValue = new Map<T, Item<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: Item<T>): void {
    item.lease += 1;
    item.next = this.#byValue.get(item.value) ?? null;
    this.#byValue.set(item.value, item);
    this.#size += 1;
  }

  /** Takes out one with that value; null if there is none. */
  take(value: T): Item<T> | null {
    const item = this.#byValue.get(value) ?? null;
    if (item !== null) this.remove(item);
    return item;
  }

  /** Takes it out; false if it was not there. */
  remove(item: Item<T>): boolean {
    const first = this.#byValue.get(item.value);
    if (first === undefined) return false;
    if (first === item) {
      if (item.next === null) this.#byValue.delete(item.value);
      else this.#byValue.set(item.value, item.next);
    } else {
      let before = first;
      while (before.next !== item) {
        if (before.next === null) return false;
        before = before.next;
      }
      before.next = item.next;
    }
    item.next = null;
    this.#size -= 1;
    return true;
  }
}
