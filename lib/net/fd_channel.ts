import { ConcurrentUseError, ClosedError } from '../errors';
import { type GreenThread } from '../green_thread';
import { type Descriptor } from '../hub/descriptor';
import { type ListenerKind } from '../hub/listener';
import { getHub } from '../hub/registry';
import { type BlockingOptions, type ParkOptions, requireGreen } from '../park';
import { beginIo, parkOn } from '../readiness';
import { native } from '../realm';
import { type Waiter } from '../wait_queue';

/** What is left of sockets that nobody has closed when nothing refers to them any more: their descriptors. */
const forgotten = new FinalizationRegistry<{ fd: number }>((held) => {
  if (held.fd < 0) return;
  const { descriptors } = getHub();
  const descriptor = descriptors.get(held.fd);
  if (descriptor !== undefined) descriptors.discard(descriptor, 'The socket was forgotten');
  native.closeSocket(held.fd);
});

/** A descriptor that green threads read, write and wait for. */
export class FdChannel {
  #fd: number;
  /** The same apart from the channel, so that it can be closed when the channel is no more. */
  readonly #held: { fd: number };
  #descriptor: Descriptor | null = null;
  /** Whether a read that gave less than asked for has emptied the descriptor. Not so with Unix sockets: see `drained`. */
  readonly #shortMeansEmpty: boolean;
  #writer: WeakRef<GreenThread> | null = null;

  constructor(fd: number, shortMeansEmpty: boolean) {
    this.#fd = fd;
    this.#held = { fd };
    this.#shortMeansEmpty = shortMeansEmpty;
    getHub().descriptors.opened(fd);
    forgotten.register(this, this.#held, this);
  }

  get fd(): number {
    return this.#fd;
  }

  get closed(): boolean {
    return this.#fd < 0;
  }

  /** Begins a call. The descriptor's number, to be asked for anew after each wait. */
  begin(call: string, options: BlockingOptions | undefined): number {
    beginIo(call, options);
    return this.open(call);
  }

  open(call: string): number {
    const fd = this.#fd;
    if (fd < 0) throw new ClosedError(`${call}: the socket is closed`);
    return fd;
  }

  /** False: a read is known to find nothing, so there is no need to try. */
  get mayRead(): boolean {
    const descriptor = this.#descriptor;
    return descriptor === null || descriptor.readable || descriptor.table !== getHub().descriptors;
  }

  /** A read has given fewer bytes than it had room for. */
  drained(): void {
    // A Unix socket also stops early where descriptors were sent along.
    if (this.#shortMeansEmpty && this.#descriptor?.hungUp === false) this.#descriptor.readable = false;
  }

  /** Waits until reading (or writing) may succeed. */
  wait(call: string, kind: ListenerKind, options: ParkOptions | undefined, several = false): unknown {
    const descriptor = this.#watched();
    if (kind === 'read') descriptor.readable = false;
    return parkOn(call, descriptor, kind, options, several);
  }

  /** Whether a read would come back at once, if only to say that the socket is closed. */
  get receivable(): boolean {
    return this.#fd < 0 || native.isReady(this.#fd, false) !== 0;
  }

  /** Has the waiter woken when reading may succeed. */
  joinReaders(waiter: Waiter): void {
    const descriptor = this.#watched();
    descriptor.refuseSecond('read', getHub().current);
    descriptor.readers.push(waiter);
  }

  /** Has the waiter woken, once, when reading (or writing) may succeed. It has tried, and needs no green thread. */
  join(kind: ListenerKind, waiter: Waiter): void {
    const { closed } = getHub();
    if (closed !== null) throw new ClosedError(closed);
    const descriptor = this.#watched();
    descriptor.refuseSecond(kind, waiter);
    if (kind === 'read') descriptor.readable = false;
    descriptor.side(kind).push(waiter);
    descriptor.table.settle();
  }

  #watched(): Descriptor {
    const { descriptors } = getHub();
    const known = this.#descriptor;
    if (known !== null && known.table === descriptors && !known.closed) return known;
    const descriptor = descriptors.watch(this.#fd, true);
    if (descriptor === null) throw new TypeError('not a socket');
    this.#descriptor = descriptor;
    return descriptor;
  }

  /** Somebody waits to read already. */
  get hasReaders(): boolean {
    return this.#descriptor !== null && this.#descriptor.readers.first !== null;
  }

  /** Two who send at the same time would mix up their data. */
  refuseSecondWriter(call: string, caller: { describe(): string } | null = getHub().current): void {
    this.#descriptor?.refuseSecond('write', caller);
    if (this.#writer === null) return;
    throw new ConcurrentUseError(
      `${call}: another green thread is in the middle of sending on this socket.\n` +
        `The first: ${this.#writer.deref()?.describe() ?? 'gone'}\nThe second: ${caller?.describe() ?? 'nobody'}`,
    );
  }

  /** The running green thread sends in several steps. */
  beginWriting(call: string): void {
    this.#writer = requireGreen(call).weak();
  }

  endWriting(): void {
    this.#writer = null;
  }

  /** Gives the descriptor away, open: nothing here knows it any more. */
  release(why: string): number {
    const fd = this.#fd;
    if (fd < 0) return fd;
    this.#fd = this.#held.fd = -1;
    forgotten.unregister(this);
    // Also what waitReadable() watches, which this channel need not know of.
    const { descriptors } = getHub();
    const descriptor = descriptors.get(fd);
    if (descriptor !== undefined) descriptors.discard(descriptor, why);
    descriptors.settle();
    this.#descriptor = null;
    native.disownSocket(fd);
    return fd;
  }

  close(why: string): void {
    const fd = this.release(why);
    if (fd >= 0) native.closeSocket(fd);
  }
}
