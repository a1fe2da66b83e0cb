/** Something that a `Pool` keeps, with what the pool knows of it. */
export interface Item<T> {
  readonly value: T;
  readonly createdAt: number;
  idleSince: number;
  /** Just made, and never idle. */
  fresh: boolean;
  /** Somebody has it. */
  taken: boolean;
  /** Which of its users has it: each gets another number. */
  lease: number;
  /** Another one with an equal value. */
  next: Item<T> | null;
  /** Its neighbours while it is idle. */
  older: Item<T> | null;
  later: Item<T> | null;
}

/** One that was just made. */
export function newItem<T>(value: T, createdAt: number): Item<T> {
  return {
    value,
    createdAt,
    idleSince: Infinity,
    fresh: true,
    taken: false,
    lease: 0,
    next: null,
    older: null,
    later: null,
  };
}

/**
 * A pool's items, found by their values; several may have equal ones: a pool of numbers. An item stays here as long as the
 * pool keeps it, whoever has it, so that taking and giving back allocate nothing.
 */
export class Items<T> {
  readonly #byValue = new Map<T, Item<T>>();
  #taken = 0;

  /** How many are with their users. */
  get taken(): number {
    return this.#taken;
  }

  add(item: Item<T>): void {
    item.next = this.#byValue.get(item.value) ?? null;
    this.#byValue.set(item.value, item);
  }

  remove(item: Item<T>): void {
    const first = this.#byValue.get(item.value)!;
    if (first === item) {
      if (item.next === null) this.#byValue.delete(item.value);
      else this.#byValue.set(item.value, item.next);
    } else {
      let before = first;
      while (before.next !== item) before = before.next!;
      before.next = item.next;
    }
    item.next = null;
  }

  take(item: Item<T>): void {
    item.taken = true;
    item.lease += 1;
    this.#taken += 1;
  }

  /** Takes back one with that value from its user; null if nobody has one. */
  takeBack(value: T): Item<T> | null {
    let item = this.#byValue.get(value) ?? null;
    while (item?.taken === false) item = item.next;
    if (item !== null) this.#free(item);
    return item;
  }

  /** Takes it back from the user who has that lease of it; false if it was given back before. */
  endLease(item: Item<T>, lease: number): boolean {
    if (!item.taken || item.lease !== lease) return false;
    this.#free(item);
    return true;
  }

  #free(item: Item<T>): void {
    item.taken = false;
    this.#taken -= 1;
  }
}
