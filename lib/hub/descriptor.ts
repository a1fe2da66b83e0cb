import { ClosedError, ConcurrentUseError } from '../errors';
import { type Waiter, WaitQueue } from '../wait_queue';
import { type Descriptors } from './descriptors';
import { Listener, type ListenerKind } from './listener';

// Bits of an event, as native/reactor/reactor.h has them.
const readableBit = 1;
const writableBit = 2;
const hangUpBit = 4;

/** Those who wait for one side of a descriptor, first come first served. */
class Side extends WaitQueue {
  constructor(readonly descriptor: Descriptor) {
    super();
  }

  override push(waiter: Waiter): void {
    this.descriptor.table.waiting += 1;
    super.push(waiter);
  }

  override remove(waiter: Waiter): void {
    if (waiter.queue !== this) return;
    super.remove(waiter);
    this.descriptor.table.waiting -= 1;
    this.descriptor.left();
  }
}

/**
 * A file descriptor that a hub watches. It lives from its first wait until it is closed; `generation` tells it from all
 * others that have had its number.
 */
export class Descriptor {
  readonly readers = new Side(this);
  readonly writers = new Side(this);
  /**
   * Reading may succeed: no read has found the descriptor empty since the last edge. The owner clears it, an edge sets it.
   */
  readable = true;
  /** The same for writing. */
  writable = true;
  /** The peer has shut down or the connection has failed: no further edge may come, so reading is always tried. */
  hungUp = false;
  closed = false;

  constructor(
    readonly fd: number,
    readonly generation: number,
    /** False: somebody else opens and closes it; it is watched only while it is waited for. */
    public owned: boolean,
    readonly table: Descriptors,
  ) {}

  side(kind: ListenerKind): WaitQueue {
    return kind === 'read' ? this.readers : this.writers;
  }

  /** An event has come in. */
  ready(what: number): void {
    if ((what & hangUpBit) !== 0) this.hungUp = true;
    let unused = false;
    if ((what & readableBit) !== 0) {
      this.readable = true;
      unused = wakeFirst(this.readers);
    }
    if ((what & writableBit) !== 0) {
      this.writable = true;
      unused = wakeFirst(this.writers) || unused;
    }
    // The edge was for one; whoever else waits gets it again if that one leaves anything.
    if (unused && !this.closed) this.table.rearm(this);
  }

  /** Throws if somebody waits already for what only one may wait for. */
  refuseSecond(kind: ListenerKind, caller: { describe(): string } | null): void {
    const { first } = this.side(kind);
    if (first === null) return;
    const use = kind === 'read' ? 'reader' : 'writer';
    throw new ConcurrentUseError(
      `A second ${use} for file descriptor ${this.fd}, which could take what the first waits for ` +
        `({ multipleReaders: true } allows it).\nThe first: ${first.describe()}\n` +
        `The second: ${caller?.describe() ?? 'a listener'}`,
    );
  }

  /** It is closed, or known to be: everybody who waits gets a `ClosedError`. */
  close(why: string): void {
    if (this.closed) return;
    this.closed = true;
    for (const side of [this.readers, this.writers]) {
      for (let { first } = side; first !== null; first = side.first) {
        side.remove(first);
        first.wakeWithError(new ClosedError(why));
      }
    }
  }

  /** Somebody has stopped waiting. */
  left(): void {
    if (!this.owned && !this.closed && this.readers.first === null && this.writers.first === null) {
      this.table.forget(this);
    }
  }
}

// True when somebody still waits who may have to be told of the same readiness.
function wakeFirst(side: WaitQueue): boolean {
  const { first } = side;
  if (first === null) return false;
  if (first instanceof Listener) {
    first.wake();
    return true;
  }
  side.remove(first);
  first.wake(undefined);
  return side.first !== null;
}
