/** Where a queue keeps its items; says in which order they come out. */
export interface QueueStore<T> {
  readonly size: number;
  /**
   * True when items leave in the order in which they came. Then those that were handed out and came back have an order
   * among each other to be kept; else the store finds a place for each.
   */
  readonly inOrder: boolean;
  push(item: T): void;
  /** The next item, taken out. There is one. */
  shift(): T;
  /** Puts back what `shift` gave: it is next again, as far as the order of the store allows. Never throws. */
  unshift(item: T): void;
  /** The next item, left where it is. There is one. */
  first(): T;
  clear(): void;
}
