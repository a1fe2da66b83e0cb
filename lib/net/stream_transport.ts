import { isIP, type Socket as NetSocket } from 'node:net';
import { type Duplex } from 'node:stream';
import { ClosedError, ConcurrentUseError } from '../errors';
import { type GreenThread } from '../green_thread';
import { type BlockingOptions, park, requireGreen } from '../park';
import { beginIo } from '../readiness';
import { native } from '../realm';
import { numberOf, systemError } from '../system_error';
import { invalidType } from '../validate';
import { type Waiter, WaitQueue } from '../wait_queue';
import { type Address, toAddress } from './address';
import { perWait } from '../deadline';
import { endStream } from './end_stream';
import { type Transport } from './transport';

const EPIPE = numberOf('EPIPE');

/** As much is handed to the stream at once: what an interrupted call leaves in its buffer is still sent some day. */
const portion = 262_144;

/** What net.Socket tells of a connection. */
interface Ends {
  localAddress?: string;
  localPort?: number;
  remoteAddress?: string;
  remotePort?: number;
}

/** A transport over a Node stream, which belongs to it from now on. */
export function overStream(stream: Duplex): StreamTransport {
  const { read, write, on } = (stream as Partial<Duplex> | null | undefined) ?? {};
  if (typeof read !== 'function' || typeof write !== 'function' || typeof on !== 'function') {
    throw invalidType('stream', 'a Duplex stream', stream);
  }
  if (stream.readableObjectMode || stream.readableEncoding !== null) {
    throw invalidType('stream', 'a Duplex stream of bytes, without an encoding', stream);
  }
  return new StreamTransport(stream);
}

/**
 * A Node stream as a transport. It is read by `read()`, never flowing, so it holds no more than its high-water mark. A write
 * is done when the stream says so (its callback), or has nothing left to send: then the memory may be used again.
 */
export class StreamTransport implements Transport {
  readonly #stream: Duplex;
  readonly #readers = new WaitQueue();
  readonly #writers = new WaitQueue();
  #writer: WeakRef<GreenThread> | null = null;
  /** Why the stream is of no use any more. Every call gets it: the first one may have been about the other direction. */
  #failure: { error: unknown } | null = null;
  #noMoreReading = false;
  #closed = false;
  #local: Address | undefined;
  #remote: Address | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    // Reading to the end says nothing about sending: both ends decide for themselves, as with any other green socket.
    stream.allowHalfOpen = true;
    this.#noteFailure();
    if (stream.destroyed) this.#onClose();
    stream.on('readable', this.#onReadable);
    stream.on('end', this.#onReadable);
    stream.on('error', this.#onError);
    stream.on('close', this.#onClose);
  }

  readonly #onReadable = (): void => {
    wakeFirst(this.#readers);
  };

  readonly #onError = (error: unknown): void => {
    this.#failure ??= { error };
    wakeFirst(this.#readers);
    wakeFirst(this.#writers);
  };

  readonly #onClose = (): void => {
    if (this.#stream.readableEnded && this.#stream.writableFinished) this.#onReadable();
    else this.#onError(new ClosedError('The stream was destroyed'));
  };

  get fd(): number {
    // Node has no public name for it.
    const handle = (this.#stream as { _handle?: { fd?: unknown } | null })._handle;
    return !this.#closed && typeof handle?.fd === 'number' ? handle.fd : -1;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get localAddress(): Address | undefined {
    const { localAddress, localPort } = this.#stream as Ends;
    this.#local ??= this.#closed ? undefined : (inetAddress(localAddress, localPort) ?? this.#name(false));
    return this.#local;
  }

  get remoteAddress(): Address | undefined {
    const { remoteAddress, remotePort } = this.#stream as Ends;
    this.#remote ??= this.#closed ? undefined : (inetAddress(remoteAddress, remotePort) ?? this.#name(true));
    return this.#remote;
  }

  // net.Socket does not tell the paths of Unix sockets.
  #name(peer: boolean): Address | undefined {
    const { fd } = this;
    const name = fd < 0 ? -1 : native.socketName(fd, peer);
    return typeof name === 'number' ? undefined : toAddress(name);
  }

  receivable(): boolean {
    const stream = this.#stream;
    if (this.#closed || this.#failure !== null || this.#noMoreReading) return true;
    return stream.readableLength > 0 || stream.readableEnded;
  }

  joinReaders(waiter: Waiter): void {
    refuseSecond('select()', this.#readers, 'reads from');
    this.#readers.push(waiter);
    this.#stream.read(0); // asks it for more, and to tell us
  }

  read(call: string, most: number, options: BlockingOptions | undefined): Buffer {
    const size = this.#waitForData(call, options);
    if (size === 0) return Buffer.alloc(0);
    return this.#stream.read(Math.min(size, most)) as Buffer;
  }

  readInto(call: string, target: Uint8Array, options: BlockingOptions | undefined): number {
    const piece = this.read(call, target.byteLength, options);
    target.set(piece);
    return piece.byteLength;
  }

  // How many bytes there are to be read; 0 at the end.
  #waitForData(call: string, options: BlockingOptions | undefined): number {
    beginIo(call, options);
    const stream = this.#stream;
    const nextOptions = perWait(options);
    for (;;) {
      this.#checkOpen(call);
      refuseSecond(call, this.#readers, 'reads from');
      // What came before an error, or before the stream was destroyed, came all the same.
      if (stream.readableLength > 0) return stream.readableLength;
      if (stream.readableEnded || this.#noMoreReading) return 0;
      this.#throwFailure();
      stream.read(0); // asks it for more, and to tell us
      if (stream.readableLength > 0) return stream.readableLength;
      park(call, { ...nextOptions(), queue: this.#readers });
    }
  }

  writeSome(call: string, data: Uint8Array, options: BlockingOptions | undefined): number {
    const piece = data.byteLength > portion ? data.subarray(0, portion) : data;
    this.writeAll(call, [piece], options);
    return piece.byteLength;
  }

  writeAll(call: string, chunks: readonly Uint8Array[], options: BlockingOptions | undefined): void {
    beginIo(call, options);
    this.#checkOpen(call);
    this.#refuseSecondWriter(call);
    const nextOptions = perWait(options);
    this.#writer = requireGreen(call).weak();
    try {
      for (const pieces of portions(chunks)) this.#write(call, pieces, nextOptions);
    } finally {
      this.#writer = null;
    }
  }

  #write(call: string, pieces: readonly Uint8Array[], nextOptions: () => BlockingOptions | undefined): void {
    const stream = this.#stream;
    this.#throwFailure();
    if (!stream.writable) throw systemError(EPIPE, 'write');
    let accepted = false;
    const done = (error?: Error | null): void => {
      accepted = true;
      if (error instanceof Error) this.#failure ??= { error };
      wakeFirst(this.#writers);
    };
    stream.cork();
    pieces.forEach((piece, index) => stream.write(piece, index === pieces.length - 1 ? done : undefined));
    stream.uncork();
    while (!accepted && stream.writableLength > 0 && this.#failure === null) {
      park(call, { ...nextOptions(), queue: this.#writers });
      this.#checkOpen(call);
    }
    this.#noteFailure();
    this.#throwFailure();
  }

  // The stream knows of an error before it tells.
  #noteFailure(): void {
    const error = (this.#stream.errored as Error | null | undefined) ?? null;
    if (error !== null) this.#failure ??= { error };
  }

  #checkOpen(call: string): void {
    if (this.#closed) throw new ClosedError(`${call}: the socket is closed`);
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  #refuseSecondWriter(call: string): void {
    refuseSecond(call, this.#writers, 'sends on');
    if (this.#writer !== null) throw concurrentUse(call, 'sends on', this.#writer.deref()?.describe());
  }

  shutdown(read: boolean, write: boolean): void {
    this.#checkOpen('Socket.shutdown()');
    this.#throwFailure();
    if (read) {
      this.#noMoreReading = true;
      this.#onReadable();
    }
    if (write && !this.#stream.writableEnded) this.#stream.end();
  }

  close(reset: boolean): void {
    if (this.#closed) return;
    endStream(this.detach(), reset);
  }

  /** Gives the stream away, open, with all that nobody has read. */
  detach(): Duplex {
    const stream = this.#stream;
    this.#closed = true;
    stream.removeListener('readable', this.#onReadable);
    stream.removeListener('end', this.#onReadable);
    stream.removeListener('error', this.#onError);
    stream.removeListener('close', this.#onClose);
    for (const queue of [this.#readers, this.#writers]) {
      const { first } = queue;
      if (first === null) continue;
      queue.remove(first);
      first.wakeWithError(new ClosedError('The socket was closed'));
    }
    return stream;
  }

  setNoDelay(on: boolean): void {
    this.#checkOpen('Socket');
    (this.#stream as Partial<NetSocket>).setNoDelay?.(on);
  }

  setKeepAlive(on: boolean, delay: number): void {
    this.#checkOpen('Socket');
    (this.#stream as Partial<NetSocket>).setKeepAlive?.(on, delay);
  }
}

function inetAddress(host: string | undefined, port: number | undefined): Address | undefined {
  const family = isIP(host ?? '');
  if (host === undefined || port === undefined || family === 0) return undefined;
  return { host, address: host, family: family === 6 ? 'IPv6' : 'IPv4', port };
}

function wakeFirst(queue: WaitQueue): void {
  const { first } = queue;
  if (first === null) return;
  queue.remove(first);
  first.wake(undefined);
}

function refuseSecond(call: string, queue: WaitQueue, what: string): void {
  if (queue.first !== null) throw concurrentUse(call, what, queue.first.describe());
}

function concurrentUse(call: string, what: string, first = 'gone'): ConcurrentUseError {
  return new ConcurrentUseError(
    `${call}: another green thread ${what} this socket already.\n` +
      `The first: ${first}\nThe second: ${requireGreen(call).describe()}`,
  );
}

/** The chunks in groups of at most `portion` bytes each; a longer chunk is cut. */
function* portions(chunks: readonly Uint8Array[]): Generator<Uint8Array[], void, undefined> {
  let group: Uint8Array[] = [];
  let room = portion;
  for (const chunk of chunks) {
    for (let start = 0; start < chunk.byteLength;) {
      const piece = chunk.subarray(start, start + room);
      group.push(piece);
      start += piece.byteLength;
      room -= piece.byteLength;
      if (room > 0) continue;
      yield group;
      group = [];
      room = portion;
    }
  }
  if (group.length > 0) yield group;
}
