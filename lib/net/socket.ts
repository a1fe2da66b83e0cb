import { type Duplex } from 'node:stream';
import { ClosedError, ConcurrentUseError, VerdantError } from '../errors';
import { type GreenThread } from '../green_thread';
import { type BlockingOptions, requireGreen, validateBlockingOptions } from '../park';
import { beginIo } from '../readiness';
import { type Waiter } from '../wait_queue';
import { invalidType, outOfRange, validateCount, validateMilliseconds } from '../validate';
import { type Address } from './address';
import { perWait } from '../deadline';
import { toDuplex } from './duplex';
import { LineBuffer, withoutLineEnd } from './line_buffer';
import { overStream } from './stream_transport';
import { type Transport } from './transport';

/** What can be sent: text goes out as UTF-8. */
export type Sendable = string | ArrayBufferView | ArrayBuffer;

/** What `recvLine` may be told. */
export interface LineOptions extends BlockingOptions {
  /** The longest line, in bytes without its end; default 65,536. */
  maxLength?: number | undefined;
}

const defaultRead = 65_536;
const defaultLine = 65_536;

/**
 * A connected stream: TCP, Unix, TLS, or a Node stream. Made by `connect`, `Listener.accept`, `socketPair`.
 *
 * Calls that block suspend only the calling green thread. They end with what they are for, with `ERR_VERDANT_TIMEOUT`
 * (`timeout`, or the socket's own `setTimeout`), with the signal's reason, with the reason of a kill, or with
 * `ERR_VERDANT_CLOSED` when somebody closes the socket. What was interrupted while reading has taken nothing from the
 * stream; what was interrupted while sending may have sent a part.
 *
 * One green thread may read and another one send at the same time; a second reader or sender gets
 * `ERR_VERDANT_CONCURRENT_USE`. A socket that nobody refers to any more is closed by the garbage collector some day: rather
 * close it, or declare it with `using`.
 */
export class Socket {
  readonly #transport: Transport;
  /** What lines and blocks have left over; most sockets never have any. */
  #received: LineBuffer | null = null;
  #timeout: number | undefined;
  #reader: WeakRef<GreenThread> | null = null;

  /** @internal Use `connect`, `listen` or `Socket.fromNet`. */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * A green socket over a Node stream, which belongs to it from now on: `net.Socket`, `tls.TLSSocket` or any other Duplex.
   * What the stream has buffered is not lost. Legal anywhere.
   * @param stream - nobody else may read it or write to it
   */
  static fromNet(stream: Duplex): Socket {
    return new Socket(overStream(stream));
  }

  /** The file descriptor; -1 when there is none: closed, or over a Node stream that hides it. */
  get fd(): number {
    return this.#transport.fd;
  }

  /** True once `close` was called. */
  get closed(): boolean {
    return this.#transport.closed;
  }

  /** This end's address; undefined once closed, if nobody had asked before. */
  get localAddress(): Address | undefined {
    return this.#transport.localAddress;
  }

  /** The other end's address; undefined if it cannot be told any more. */
  get remoteAddress(): Address | undefined {
    return this.#transport.remoteAddress;
  }

  /** @internal */
  get transport(): Transport {
    return this.#transport;
  }

  /** @internal Bytes received that nobody has asked for yet. */
  takeReceived(): Buffer {
    return this.#received?.takeExactly(this.#received.size) ?? Buffer.alloc(0);
  }

  /** @internal For `select.readable`. */
  receivable(): boolean {
    return (this.#received !== null && this.#received.size > 0) || this.#transport.receivable();
  }

  /** @internal For `select.readable`. */
  joinReaders(waiter: Waiter): void {
    this.#refuseSecondReader('select()');
    this.#transport.joinReaders(waiter);
  }

  /**
   * Receives what there is, waiting until there is something.
   * @param n - at most so many bytes; default 65,536
   * @param options - `timeout` in milliseconds, `signal`
   * @returns 1 to `n` bytes; none at the end of the stream. The buffer is yours; it shares its memory with others that
   * were received about the same time, so keep a copy (`Buffer.from`) of a small piece that you keep for long
   * @throws as the class says; `ECONNRESET` and other errors of the connection; `ERR_VERDANT_NOT_GREEN`
   */
  recv(n: number = defaultRead, options?: BlockingOptions): Buffer {
    if (n !== defaultRead) validateSize(n, 'n');
    this.#refuseSecondReader('Socket.recv()');
    if (this.#received !== null && this.#received.size > 0) {
      this.#begin('Socket.recv()', options);
      return this.#received.take(n);
    }
    return this.#transport.read('Socket.recv()', n, this.#options(options));
  }

  /**
   * As `recv`, into memory of yours.
   * @param target - where to; at least one byte long
   * @param options - `timeout` in milliseconds, `signal`
   * @returns how many bytes were written to its beginning; 0 at the end of the stream
   */
  recvInto(target: ArrayBufferView, options?: BlockingOptions): number {
    const bytes = toBytes(target, 'target');
    if (typeof target === 'string') throw invalidType('target', 'an ArrayBufferView', target);
    if (bytes.byteLength === 0) throw outOfRange('target.byteLength', '>= 1', 0);
    this.#refuseSecondReader('Socket.recvInto()');
    if (this.#received === null || this.#received.size === 0) {
      return this.#transport.readInto('Socket.recvInto()', bytes, this.#options(options));
    }
    this.#begin('Socket.recvInto()', options);
    const piece = this.#received.take(bytes.byteLength);
    bytes.set(piece);
    return piece.byteLength;
  }

  /**
   * Receives exactly `n` bytes, however many reads that takes.
   * @param n - bytes
   * @param options - `timeout` in milliseconds for all of it, `signal`
   * @returns `n` bytes
   * @throws `ERR_VERDANT_EOF` when the stream ends before; what came stays to be received by `recv`
   */
  recvExactly(n: number, options?: BlockingOptions): Buffer {
    validateCount(n, 'n');
    const received = this.#buffer();
    const complete = this.#fill('Socket.recvExactly()', options, () => received.size >= n);
    if (complete) return received.takeExactly(n);
    throw new VerdantError('ERR_VERDANT_EOF', `The stream ended after ${received.size} of ${n} bytes`);
  }

  /**
   * Receives a line of UTF-8 text.
   * @param options - `maxLength` in bytes, `timeout` in milliseconds for all of it, `signal`
   * @returns the line without its `\n` or `\r\n`; null at the end of the stream. A last line without an end counts
   * @throws `ERR_VERDANT_LINE_TOO_LONG`; what came stays to be received by `recv`
   * @example
   * ```ts
   * import { run } from 'verdant';
   * import { socketPair } from 'verdant/net';
   *
   * await run(() => {
   *   const [left, right] = socketPair();
   *   left.sendAll('one\r\ntwo');
   *   left.close();
   *   console.log(right.recvLine(), right.recvLine(), right.recvLine()); // one two null
   *   right.close();
   * });
   * ```
   */
  recvLine(options?: LineOptions): string | null {
    const most = options?.maxLength ?? defaultLine;
    validateCount(most, 'options.maxLength');
    const received = this.#buffer();
    let length = 0;
    const whole = this.#fill('Socket.recvLine()', options, () => {
      length = received.lineLength();
      return length > 0 || received.size > most + 2;
    });
    if (!whole) length = received.size;
    if (length === 0 && !whole) return null;
    const line = length === 0 ? null : withoutLineEnd(received.peek(length));
    if (line === null || line.byteLength > most) {
      throw new VerdantError('ERR_VERDANT_LINE_TOO_LONG', `The line is longer than ${most} bytes`);
    }
    received.takeExactly(length);
    return line.toString('utf8');
  }

  /**
   * The lines up to the end of the stream; see `recvLine`.
   * @param options - for each line
   */
  *lines(options?: LineOptions): Generator<string, void, undefined> {
    for (let line = this.recvLine(options); line !== null; line = this.recvLine(options)) yield line;
  }

  // Reads on until there is enough. False when the stream has ended before.
  #fill(call: string, options: BlockingOptions | undefined, enough: () => boolean): boolean {
    this.#refuseSecondReader(call);
    const merged = this.#options(options);
    this.#begin(call, options);
    if (enough()) return true;
    const nextOptions = perWait(merged);
    this.#reader = requireGreen(call).weak();
    try {
      for (;;) {
        const piece = this.#transport.read(call, defaultRead, nextOptions());
        if (piece.byteLength === 0) return false;
        this.#buffer().push(piece);
        if (enough()) return true;
      }
    } finally {
      this.#reader = null;
    }
  }

  #buffer(): LineBuffer {
    this.#received ??= new LineBuffer();
    return this.#received;
  }

  // For what may have all it needs without asking the transport.
  #begin(call: string, options: BlockingOptions | undefined): void {
    validateBlockingOptions(options);
    beginIo(call, options);
    if (this.closed) throw new ClosedError(`${call}: the socket is closed`);
  }

  #refuseSecondReader(call: string): void {
    if (this.#reader === null) return;
    throw new ConcurrentUseError(
      `${call}: another green thread is in the middle of receiving from this socket.\n` +
        `The first: ${this.#reader.deref()?.describe() ?? 'gone'}\nThe second: ${requireGreen(call).describe()}`,
    );
  }

  /**
   * Sends what fits into the system's buffer now, waiting until something does.
   * @param data - text goes out as UTF-8
   * @param options - `timeout` in milliseconds, `signal`
   * @returns how many bytes were sent
   * @throws as the class says; `EPIPE`, `ECONNRESET` and other errors of the connection; `ERR_VERDANT_NOT_GREEN`
   */
  send(data: Sendable, options?: BlockingOptions): number {
    const bytes = toBytes(data, 'data');
    if (bytes.byteLength === 0) {
      this.#begin('Socket.send()', options);
      return 0;
    }
    return this.#transport.writeSome('Socket.send()', bytes, this.#options(options));
  }

  /**
   * Sends all of it.
   * @param data - one piece, or several that are gathered by the system
   * @param options - `timeout` in milliseconds for all of it, `signal`
   * @throws as `send`; a part may have been sent then
   */
  sendAll(data: Sendable | readonly Sendable[], options?: BlockingOptions): void {
    const pieces = Array.isArray(data)
      ? (data as readonly Sendable[]).map((piece) => toBytes(piece, 'data')).filter((piece) => piece.byteLength > 0)
      : [toBytes(data, 'data')];
    if (pieces.length === 0 || pieces[0]!.byteLength === 0) {
      this.#begin('Socket.sendAll()', options);
      return;
    }
    this.#transport.writeAll('Socket.sendAll()', pieces, this.#options(options));
  }

  /**
   * Ends one direction, or both, of the connection; the socket stays open.
   * @param how - `'write'` (default): the other end reads to the end of what was sent, and then its end; `'read'`; `'both'`
   * @throws `ENOTCONN`; `ERR_VERDANT_CLOSED`
   */
  shutdown(how: 'read' | 'write' | 'both' = 'write'): void {
    if (how !== 'read' && how !== 'write' && how !== 'both') {
      throw invalidType('how', "'read', 'write' or 'both'", how);
    }
    this.#transport.shutdown(how !== 'write', how !== 'read');
  }

  /**
   * Closes the socket. Everybody who waits on it gets `ERR_VERDANT_CLOSED`. Legal anywhere, any number of times.
   * @param options - `reset`: drop what has not been sent, and break the connection instead of ending it
   */
  close(options?: { reset?: boolean }): void {
    this.#transport.close(options?.reset === true);
  }

  /** Closes it. For `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * The timeout of all calls that are given none.
   * @param ms - milliseconds; Infinity (as at first): none
   */
  setTimeout(ms: number): this {
    validateMilliseconds(ms, 'ms');
    this.#timeout = ms === Infinity ? undefined : ms;
    return this;
  }

  /**
   * Whether small pieces are sent at once (TCP_NODELAY), as they are unless you say otherwise. No effect but on TCP.
   * @param on - default true
   */
  setNoDelay(on = true): this {
    this.#transport.setNoDelay(on);
    return this;
  }

  /**
   * Whether the system looks after an idle connection (SO_KEEPALIVE).
   * @param on - default true
   * @param delay - milliseconds of silence before it does; below 1,000: the system's own
   */
  setKeepAlive(on = true, delay = 0): this {
    validateMilliseconds(delay, 'delay');
    this.#transport.setKeepAlive(on, delay);
    return this;
  }

  /**
   * A Node stream over this socket, which belongs to the stream from now on: destroying the stream closes the socket.
   * Legal anywhere. Over a descriptor it needs no green thread; over another stream (TLS, `fromNet`) each read and each write
   * has one as long as it waits.
   */
  toDuplex(): Duplex {
    return toDuplex(this);
  }

  #options(options: BlockingOptions | undefined): BlockingOptions | undefined {
    if (options !== undefined) validateBlockingOptions(options);
    if (this.#timeout === undefined || options?.timeout !== undefined) return options;
    return { timeout: this.#timeout, signal: options?.signal };
  }
}

function validateSize(n: unknown, name: string): asserts n is number {
  validateCount(n, name);
  if (n === 0) throw outOfRange(name, '>= 1', n);
}

/** The bytes of what is to be sent, without a copy unless it is text. */
export function toBytes(data: unknown, name: string): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer || Object.prototype.toString.call(data) === '[object ArrayBuffer]') {
    return new Uint8Array(data as ArrayBuffer);
  }
  throw invalidType(name, 'a string, an ArrayBufferView or an ArrayBuffer', data);
}
