import { GreenThread } from '../../green_thread';
import { getHub } from '../../hub/registry';

/** What a fiber's green thread needs of its fiber. */
export interface Handle {
  /** The error with which the fiber is being unwound, or null. */
  unwinding: () => Error | null;
  /** The wait is over: runs the fiber until it yields, blocks again or ends. */
  goOn: () => void;
}

const never = (): undefined => undefined;

/**
 * The green thread that stands for a fiber while that blocks. It is made when it is first asked for, and ends with the
 * fiber's function. It holds the fiber, for nothing else may: whoever can wake the one keeps the other.
 */
export class FiberThread extends GreenThread {
  readonly #fiber: Handle;

  constructor(fiber: Handle, slot: number) {
    super(never, [], null, { name: 'fiber' }, true);
    this.#fiber = fiber;
    this.slot = slot;
  }

  // One that only yields is not waited for by anybody, and keeps nothing alive: it counts while it blocks.
  override suspended(keeps: boolean, deaf: boolean): void {
    super.suspended(keeps, deaf);
    getHub().live += 1;
  }

  override notSuspended(): boolean {
    if (!super.notSuspended()) return false;
    getHub().live -= 1;
    return true;
  }

  override resumed(): unknown {
    // The wait was that of a thread that is lost together with its fiber: see Fiber's `abandoned`.
    const unwinding = this.#fiber.unwinding();
    if (this.state !== 'suspended' && unwinding !== null) throw unwinding;
    getHub().live -= 1;
    return super.resumed();
  }

  override throwPending(): void {
    const unwinding = this.#fiber.unwinding();
    if (unwinding !== null) throw unwinding;
    super.throwPending();
  }

  // By a call, since a call is made on Node's own stack: there the fiber has a caller to go back to.
  override ready(): void {
    getHub().callSoon(this.#fiber.goOn);
  }
}
