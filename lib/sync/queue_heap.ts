import { type QueueStore } from './queue_store';

/** Negative when `a` comes out before `b`. */
export type Compare<T> = (a: T, b: T) => number;

/**
 * A binary heap: the least item first, equal ones in the order in which they came. Nothing has changed when `compare`
 * throws: all comparisons are made before anything is moved.
 */
export class QueueHeap<T> implements QueueStore<T> {
  readonly inOrder = false;
  readonly #compare: Compare<T>;
  // Two arrays side by side, so that an entry needs no object.
  readonly #items: T[] = [];
  readonly #ages: number[] = [];
  readonly #path: number[] = [];
  #youngest = 0;
  #oldest = 0;

  constructor(compare: Compare<T>) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    this.#insert(item, this.#youngest + 1, this.#depth(item, this.#youngest + 1));
    this.#youngest += 1;
  }

  unshift(item: T): void {
    this.#oldest -= 1;
    let steps = 0; // an item that cannot be compared any more is not lost: it stays at the bottom
    try {
      steps = this.#depth(item, this.#oldest);
    } catch {
      // The error has been thrown where the item was put, or will be where it is taken.
    }
    this.#insert(item, this.#oldest, steps);
  }

  shift(): T {
    const items = this.#items;
    const ages = this.#ages;
    const path = this.#path;
    const end = items.length - 1;
    const last = items[end] as T;
    const lastAge = ages[end]!;
    // Where the children move up, and the last item finds its place.
    let length = 0;
    for (let down = 1; down < end; down = 2 * down + 1) {
      if (down + 1 < end && this.#isBefore(down + 1, down)) down += 1;
      if (!this.#before(items[down] as T, ages[down]!, last, lastAge)) break;
      path[length] = down;
      length += 1;
    }
    const least = items[0] as T;
    items.pop();
    ages.pop();
    if (end === 0) return least;
    let at = 0;
    for (let i = 0; i < length; i += 1) {
      const down = path[i]!;
      items[at] = items[down] as T;
      ages[at] = ages[down]!;
      at = down;
    }
    items[at] = last;
    ages[at] = lastAge;
    return least;
  }

  first(): T {
    return this.#items[0] as T;
  }

  clear(): void {
    this.#items.length = this.#ages.length = 0;
  }

  // By how many parents a new item passes on its way up.
  #depth(item: T, age: number): number {
    let steps = 0;
    for (let at = this.#items.length; at > 0; steps += 1) {
      at = (at - 1) >> 1;
      if (!this.#before(item, age, this.#items[at] as T, this.#ages[at]!)) break;
    }
    return steps;
  }

  #insert(item: T, age: number, steps: number): void {
    const items = this.#items;
    const ages = this.#ages;
    let at = items.length;
    items.push(item);
    ages.push(age);
    for (let left = steps; left > 0; left -= 1) {
      const up = (at - 1) >> 1;
      items[at] = items[up] as T;
      ages[at] = ages[up]!;
      at = up;
    }
    items[at] = item;
    ages[at] = age;
  }

  #isBefore(one: number, other: number): boolean {
    const items = this.#items;
    return this.#before(items[one] as T, this.#ages[one]!, items[other] as T, this.#ages[other]!);
  }

  #before(a: T, ageOfA: number, b: T, ageOfB: number): boolean {
    const order = this.#compare(a, b);
    return order < 0 || (!(order > 0) && ageOfA < ageOfB);
  }
}
