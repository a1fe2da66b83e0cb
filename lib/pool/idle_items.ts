import { type Item } from './pool_items';

/**
 * The items that lie ready, from the one that has been idle longest to the latest. A list that lies in the items themselves:
 * an array that is emptied and filled for every use would be allocated anew each time.
 */
export class IdleItems<T> implements Iterable<Item<T>> {
  #oldest: Item<T> | null = null;
  #latest: Item<T> | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: Item<T>): void {
    item.older = this.#latest;
    if (this.#latest === null) this.#oldest = item;
    else this.#latest.later = item;
    this.#latest = item;
    this.#size += 1;
  }

  takeOldest(): Item<T> | null {
    return this.#taken(this.#oldest);
  }

  takeLatest(): Item<T> | null {
    return this.#taken(this.#latest);
  }

  #taken(item: Item<T> | null): Item<T> | null {
    if (item !== null) this.remove(item);
    return item;
  }

  remove(item: Item<T>): void {
    if (item.older === null) this.#oldest = item.later;
    else item.older.later = item.later;
    if (item.later === null) this.#latest = item.older;
    else item.later.older = item.older;
    item.older = item.later = null;
    this.#size -= 1;
  }

  /** From the oldest on; the one that was given last may be removed meanwhile. */
  *[Symbol.iterator](): Iterator<Item<T>> {
    let item = this.#oldest;
    while (item !== null) {
      const { later } = item;
      yield item;
      item = later;
    }
  }
}
