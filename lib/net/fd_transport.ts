import { type ListenerKind } from '../hub/listener';
import { type BlockingOptions } from '../park';
import { native } from '../realm';
import { type Waiter } from '../wait_queue';
import { EAGAIN, EINPROGRESS, ETIMEDOUT, systemError } from '../system_error';
import { type Address, decodeRoom, toAddress } from './address';
import { type NextOptions, perWait } from '../deadline';
import { FdChannel } from './fd_channel';
import { room, take } from './slab';
import { type Transport } from './transport';

const timedOut = Symbol('timed out');

/** What `getOption(fd, 'type')` says of a stream socket. */
export const streamType = 1;

/** Whether a socket speaks TCP or UDP, and not that of Unix sockets. */
export function isInet(fd: number): boolean {
  const name = native.socketName(fd, false);
  return typeof name !== 'number' && (name.family === 4 || name.family === 6);
}

/** The stream of a connected socket's descriptor. */
export class FdTransport implements Transport {
  readonly #channel: FdChannel;
  readonly #inet: boolean;
  #peer: Uint8Array | Address | undefined;
  #local: Address | undefined;

  /**
   * @param fd - connected, non-blocking
   * @param inet - TCP, not a Unix socket
   * @param peer - the other end's address as the addon has given it, if it is known
   */
  constructor(fd: number, inet: boolean, peer?: Uint8Array) {
    this.#channel = new FdChannel(fd, inet);
    this.#inet = inet;
    this.#peer = peer;
  }

  get fd(): number {
    return this.#channel.fd;
  }

  get closed(): boolean {
    return this.#channel.closed;
  }

  get localAddress(): Address | undefined {
    this.#local ??= this.#name(false);
    return this.#local;
  }

  get remoteAddress(): Address | undefined {
    if (this.#peer instanceof Uint8Array) this.#peer = decodeRoom(this.#peer);
    this.#peer ??= this.#name(true);
    return this.#peer;
  }

  #name(peer: boolean): Address | undefined {
    const name = this.closed ? -1 : native.socketName(this.fd, peer);
    return typeof name === 'number' ? undefined : toAddress(name);
  }

  /**
   * Connects: 0 or a negative errno. `quietly`: the timeout is one outcome among others, and not thrown.
   */
  connect(call: string, address: Uint8Array, options: BlockingOptions, quietly: boolean): number {
    const channel = this.#channel;
    const begun = native.connectSocket(channel.begin(call, options), address);
    if (begun !== EINPROGRESS) return begun;
    const waited = channel.wait(call, 'write', quietly ? { ...options, timeoutValue: timedOut } : options);
    return waited === timedOut ? ETIMEDOUT : -native.pendingError(channel.open(call));
  }

  receivable(): boolean {
    return this.#channel.receivable;
  }

  joinReaders(waiter: Waiter): void {
    this.#channel.joinReaders(waiter);
  }

  read(call: string, most: number, options: BlockingOptions | undefined): Buffer {
    const channel = this.#channel;
    let fd = channel.begin(call, options);
    let nextOptions: NextOptions | null = null;
    for (;;) {
      if (channel.mayRead) {
        const { slab, start, size } = room(most);
        const got = native.receive(fd, slab, start, size);
        if (got >= 0) {
          if (got < size) channel.drained();
          return take(got);
        }
        if (got !== EAGAIN) throw systemError(got, 'read');
      }
      nextOptions ??= perWait(options);
      channel.wait(call, 'read', nextOptions());
      fd = channel.open(call);
    }
  }

  readInto(call: string, target: Uint8Array, options: BlockingOptions | undefined): number {
    const channel = this.#channel;
    const nextOptions = perWait(options);
    let fd = channel.begin(call, options);
    for (;;) {
      const size = target.byteLength;
      if (channel.mayRead) {
        const got = native.receive(fd, target, 0, size);
        if (got >= 0) {
          if (got < size) channel.drained();
          return got;
        }
        if (got !== EAGAIN) throw systemError(got, 'read');
      }
      channel.wait(call, 'read', nextOptions());
      fd = channel.open(call);
    }
  }

  writeSome(call: string, data: Uint8Array, options: BlockingOptions | undefined): number {
    const channel = this.#channel;
    const nextOptions = perWait(options);
    let fd = channel.begin(call, options);
    channel.refuseSecondWriter(call);
    for (;;) {
      const sent = native.send(fd, data, 0);
      if (sent >= 0) return sent;
      if (sent !== EAGAIN) throw systemError(sent, 'write');
      channel.wait(call, 'write', nextOptions());
      fd = channel.open(call);
    }
  }

  writeAll(call: string, chunks: readonly Uint8Array[], options: BlockingOptions | undefined): void {
    const channel = this.#channel;
    const fd = channel.begin(call, options);
    channel.refuseSecondWriter(call);
    if (chunks.length === 1) {
      const data = chunks[0]!;
      const sent = native.send(fd, data, 0);
      if (sent === data.byteLength) return;
      this.#writeRest(call, chunks, 0, checkSent(sent), options);
    } else {
      this.#writeRest(call, chunks, 0, 0, options);
    }
  }

  // From the chunk `index` on, of which `offset` bytes have gone already.
  #writeRest(
    call: string,
    chunks: readonly Uint8Array[],
    index: number,
    offset: number,
    options: BlockingOptions | undefined,
  ): void {
    const channel = this.#channel;
    const nextOptions = perWait(options);
    channel.beginWriting(call);
    try {
      while (index < chunks.length) {
        const sent = native.sendViews(channel.open(call), chunks, index, offset);
        if (sent === EAGAIN) {
          channel.wait(call, 'write', nextOptions());
          continue;
        }
        offset += checkSent(sent);
        for (; index < chunks.length && offset >= chunks[index]!.byteLength; index += 1) {
          offset -= chunks[index]!.byteLength;
        }
      }
    } finally {
      channel.endWriting();
    }
  }

  /** Reads what there is without waiting; null when there is nothing, empty at the end. Needs no green thread. */
  tryRead(call: string, most: number): Buffer | null {
    const channel = this.#channel;
    const fd = channel.open(call);
    if (!channel.mayRead) return null;
    const { slab, start, size } = room(most);
    const got = native.receive(fd, slab, start, size);
    if (got === EAGAIN) return null;
    if (got < 0) throw systemError(got, 'read');
    if (got < size) channel.drained();
    return take(got);
  }

  /** Whether `tryRead` may find something. */
  get mayRead(): boolean {
    return this.#channel.mayRead;
  }

  /**
   * Sends what fits from the chunk `index` on, of which `offset` bytes have gone already, without waiting; the number of
   * bytes. Needs no green thread.
   */
  trySend(call: string, chunks: readonly Uint8Array[], index: number, offset: number): number {
    const fd = this.#channel.open(call);
    const whole = chunks.length === 1 && offset === 0;
    return checkSent(whole ? native.send(fd, chunks[0]!, 0) : native.sendViews(fd, chunks, index, offset));
  }

  refuseSecondWriter(call: string, caller: Waiter): void {
    this.#channel.refuseSecondWriter(call, caller);
  }

  /** Has the waiter woken, once, when what was tried in vain may succeed. */
  join(kind: ListenerKind, waiter: Waiter): void {
    this.#channel.join(kind, waiter);
  }

  shutdown(read: boolean, write: boolean): void {
    const error = native.shutdownSocket(this.#channel.open('Socket.shutdown()'), read, write);
    if (error < 0) throw systemError(error, 'shutdown');
  }

  close(reset: boolean): void {
    if (this.closed) return;
    if (reset) native.setReset(this.fd);
    this.#channel.close('The socket was closed');
  }

  /** Gives the descriptor away, open. */
  detach(): number {
    return this.#channel.release('The socket was handed over');
  }

  setNoDelay(on: boolean): void {
    if (this.#inet) this.#set('noDelay', on ? 1 : 0);
  }

  setKeepAlive(on: boolean, delay: number): void {
    this.#set('keepAlive', on ? 1 : 0);
    if (on && delay >= 1000 && this.#inet) this.#set('keepAliveDelay', Math.floor(delay / 1000));
  }

  #set(name: string, value: number): void {
    const error = native.setOption(this.#channel.open('Socket'), name, value);
    if (error < 0) throw systemError(error, 'setsockopt');
  }
}

function checkSent(sent: number): number {
  if (sent === EAGAIN) return 0;
  if (sent < 0) throw systemError(sent, 'write');
  return sent;
}
