import { type Descriptor } from '../../hub/descriptor';
import { getHub } from '../../hub/registry';
import { FdTransport, isInet } from '../../net/fd_transport';
import { type Socket } from '../../net/socket';
import { type Transport } from '../../net/transport';
import { perWait } from '../../deadline';
import { type BlockingOptions } from '../../park';
import { beginIo, parkOn } from '../../readiness';
import { native } from '../../realm';
import { EAGAIN, ECONNABORTED } from '../../system_error';
import { ClosedError, codeOf } from '../../errors';
import { type Waiter } from '../../wait_queue';
import { found, receiveSize } from '../parser';

const call = 'reading an HTTP request';

/** How a connection's bytes come to its parser. */
export interface Wire {
  /** To send on without further ado; -1 if that is not possible. */
  readonly fd: number;
  /** Whether `receive` may be called on Node's own stack, too. */
  readonly direct: boolean;
  /** False: nothing has come, as far as is known. */
  readonly ready: boolean;
  /** Receives and parses what there is, without waiting: as `native.httpReceive`; -EAGAIN when there is nothing. */
  receive(parser: number): string | number;
  /** The same, but suspends the running green thread until there is something. */
  receiveBlocking(parser: number, options: BlockingOptions | undefined): string | number;
  /** Has the waiter woken, once, when there may be something. */
  join(waiter: Waiter): void;
  /** Whether the connection has failed, when nothing can be received any more. */
  broken(): boolean;
}

/** The wire over a socket. */
export function wireOf({ transport }: Socket): Wire {
  return transport instanceof FdTransport ? new DirectWire(transport) : new StreamWire(transport);
}

/** A descriptor, watched by the hub itself: its events come here without a green thread. */
class DirectWire implements Wire {
  readonly direct = true;
  readonly #transport: FdTransport;
  readonly #descriptor: Descriptor;
  readonly #inet: boolean;

  constructor(transport: FdTransport) {
    this.#transport = transport;
    const { fd } = transport;
    this.#inet = isInet(fd);
    const descriptor = getHub().descriptors.watch(fd, true);
    if (descriptor === null) throw new TypeError('not a socket');
    this.#descriptor = descriptor;
    // It has just been opened: the first event says when there is something.
    descriptor.readable = false;
  }

  get fd(): number {
    return this.#transport.fd;
  }

  get ready(): boolean {
    return this.#descriptor.readable || this.#descriptor.hungUp;
  }

  receive(parser: number): string | number {
    const descriptor = this.#descriptor;
    if (descriptor.closed) return ECONNABORTED; // its number may be another one's by now
    const got = native.httpReceive(parser, this.fd);
    // What has filled less than the room there was has emptied the socket; only Unix sockets stop early.
    if (got === EAGAIN) descriptor.readable = false;
    else if (this.#inet && !descriptor.hungUp && got !== 0 && found.received < receiveSize) descriptor.readable = false;
    return got;
  }

  receiveBlocking(parser: number, options: BlockingOptions | undefined): string | number {
    beginIo(call, options);
    const nextOptions = perWait(options);
    for (;;) {
      if (this.ready) {
        const got = this.receive(parser);
        if (got !== EAGAIN) return got;
      }
      this.#descriptor.readable = false;
      parkOn(call, this.#descriptor, 'read', nextOptions());
    }
  }

  join(waiter: Waiter): void {
    if (this.#descriptor.closed) waiter.wakeWithError(new ClosedError('The connection was closed'));
    else this.#descriptor.readers.push(waiter);
  }

  // Behind the other end's FIN, receiving finds that end only: a reset that follows is known by the socket's error.
  broken(): boolean {
    return this.#descriptor.closed || native.pendingError(this.fd) !== 0;
  }
}

const portion = 65_536;

/** A Node stream: TLS. It can be read on green threads only. */
class StreamWire implements Wire {
  readonly fd = -1;
  readonly direct = false;
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  get ready(): boolean {
    return this.#transport.receivable();
  }

  receive(parser: number): string | number {
    return this.#transport.receivable() ? this.receiveBlocking(parser, undefined) : EAGAIN;
  }

  receiveBlocking(parser: number, options: BlockingOptions | undefined): string | number {
    let bytes: Buffer;
    try {
      bytes = this.#transport.read(call, portion, options);
    } catch (error) {
      // The stream's own errors say that the client is gone; interruptions of the green thread go on.
      const code = codeOf(error);
      if (typeof code === 'string' && !/^ERR_VERDANT_(?!CLOSED)/.test(code)) return ECONNABORTED;
      throw error;
    }
    return bytes.byteLength === 0 ? 0 : native.httpFeed(parser, bytes);
  }

  join(waiter: Waiter): void {
    this.#transport.joinReaders(waiter);
  }

  // A stream's error comes with a read or a write.
  broken(): boolean {
    return false;
  }
}
