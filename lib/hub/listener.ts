import { type Waiter, type WaitQueue } from '../wait_queue';

/** What a descriptor is waited for. */
export type ListenerKind = 'read' | 'write';

/**
 * A callback that is called, on Node's own stack, whenever a descriptor is ready and it is the first in line; from
 * `hub.add` until `hub.remove`.
 */
export class Listener implements Waiter {
  /** @internal */ queue: WaitQueue | null = null;
  /** @internal */ before: Waiter | null = null;
  /** @internal */ after: Waiter | null = null;
  /** @internal */ carries: unknown = undefined;
  readonly #site = new Error('listener');

  /** @internal Use `hub.add`. */
  constructor(
    /** Whether it waits for something to read or for room to write. */
    readonly kind: ListenerKind,
    /** The descriptor. */
    readonly fd: number,
    /** @internal */ readonly notify: (error: unknown) => void,
  ) {}

  /** True until it is removed, or its descriptor is closed. */
  get active(): boolean {
    return this.queue !== null;
  }

  /** @internal */
  wake(): boolean {
    this.notify(null);
    return true;
  }

  /** @internal */
  wakeWithError(error: unknown): boolean {
    this.notify(error);
    return true;
  }

  /** @internal */
  describe(): string {
    const frames = this.#site.stack?.split('\n').slice(3).join('\n') ?? '';
    return `a listener added\n${frames}`;
  }
}
