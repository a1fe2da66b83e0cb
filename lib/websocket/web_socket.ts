import { isUtf8 } from 'node:buffer';
import { type Duplex } from 'node:stream';
import { ClosedError } from '../errors';
import { type Sendable, toBytes } from '../net/socket';
import { type BlockingOptions, park, requireGreen, validateBlockingOptions } from '../park';
import { wakeAll } from '../sync/wake';
import { invalidType, outOfRange } from '../validate';
import { WaitQueue } from '../wait_queue';
import { WebSocketError } from './errors';
import { Heartbeat } from './heartbeat';
import { Inbox, type Message } from './inbox';
import { type Limits } from './limits';
import { Outbox } from './outbox';
import { Pings } from './pings';
import { closeCodeOf, closeCodes, isSendableCode, open, type Protocol } from './protocol';

/** What `send` may be told. */
export interface SendOptions extends BlockingOptions {
  /** Send bytes as a text message (false), or text as a binary one (true). Default: text as text, and bytes as binary. */
  binary?: boolean | undefined;
  /** Whether to compress it, if that was agreed on. Default: if it is as long as `compression.threshold`. */
  compress?: boolean | undefined;
}

/** A connection's counters at one moment. */
export interface WebSocketStatistics {
  /** Messages that have come in, received by somebody or not. */
  messagesIn: number;
  /** Their length, after inflating; text in UTF-16 units. */
  lengthIn: number;
  /** Messages sent. */
  messagesOut: number;
  /** Their length in bytes, before deflating. */
  lengthOut: number;
  /** Messages that have come in and that nobody has received yet. */
  queued: number;
  /** True while nothing is read from the connection, since so much is queued. */
  paused: boolean;
  /** Green threads that wait in `receive`. */
  receiving: number;
  /** Green threads that wait in `send`. */
  sending: number;
  /** Green threads that wait in `ping`. */
  pinging: number;
}

const timedOut = Symbol('timed out');
const longestReason = 123;
const longestControl = 125;

/**
 * A connection that carries messages in both directions, RFC 6455. Made by `accept` and `connect`.
 *
 * Any number of green threads may send, receive and ping at the same time: each message goes out whole, in the order in which
 * `send` was called, and each that comes in is received by one of them, first come, first served. A call that is interrupted (its
 * `timeout`, its `signal`, a kill) has sent nothing, or received nothing.
 *
 * While nobody receives, at most `maxQueued` messages are read ahead; then the connection is not read, so that TCP slows the
 * other end down. Pings are not answered meanwhile, for they are not read either.
 *
 * What it holds it holds until it is closed: close it, or declare it with `using`.
 */
export class WebSocket {
  readonly #wire: Protocol;
  readonly #limits: Limits;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #pings = new Pings();
  readonly #joiners = new WaitQueue();
  readonly #url: string;
  /** The errors that were made here: who relays between two connections must tell them apart. */
  readonly #thrown = new WeakSet();
  #heartbeat: Heartbeat | null = null;
  #socketError: unknown;
  #failure: WebSocketError | null = null;
  /** This end has said that it is done, by `close` or `terminate`. */
  #left = false;
  #over = false;
  #closeCode: number | undefined;
  #closeReason = '';
  #messagesIn = 0;
  #lengthIn = 0;
  #messagesOut = 0;
  #lengthOut = 0;

  /** @internal Use `accept` or `connect`. Before anything can have come in, on `wire`, which is open and speaks on `stream`. */
  constructor(wire: object, stream: Duplex, limits: object, url: string) {
    this.#wire = wire as Protocol;
    this.#limits = limits as Limits;
    this.#url = url;
    this.#inbox = new Inbox({ messages: this.#limits.maxQueued, bytes: this.#limits.maxQueuedBytes }, (pause) => {
      if (pause) this.#wire.pause();
      else this.#wire.resume();
    });
    this.#outbox = new Outbox(this.#limits.highWaterMark);
    this.#listen(stream);
  }

  #listen(stream: Duplex): void {
    const wire = this.#wire;
    // The library says only that the connection has ended; the reason is the socket's.
    stream.on('error', (error: unknown) => (this.#socketError ??= error));
    wire.on('message', (data: Buffer, isBinary: boolean) => this.#onMessage(data, isBinary));
    wire.on('pong', (data: Buffer) => this.#pings.answered(data));
    wire.on('error', (error: Error) => this.#onError(error));
    wire.on('close', (code: number, reason: Buffer) => this.#onClose(code, reason));
    const { heartbeat } = this.#limits;
    if (heartbeat === Infinity) return;
    const pulse = new Heartbeat(heartbeat, {
      deaf: (): boolean => this.#inbox.full,
      ping: () => {
        if (wire.readyState === open) wire.ping(Buffer.alloc(0), undefined, ignore);
      },
      lost: () => this.#lose(`Nothing was heard of the other end for ${heartbeat} ms after a ping`),
    });
    this.#heartbeat = pulse;
    stream.on('data', pulse.heard);
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    const message = isBinary ? ownMemory(data) : data.toString('utf8');
    this.#messagesIn += 1;
    this.#lengthIn += message.length;
    this.#inbox.push(message);
  }

  // The other end has broken a rule, and is being told so. An error that comes with the end of the connection is not one.
  #onError(error: Error): void {
    const code = closeCodeOf((error as { code?: unknown }).code);
    const message = `The other end has broken the protocol: ${error.message}`;
    this.#fail(new WebSocketError('ERR_VERDANT_WEBSOCKET_PROTOCOL', message, code, error));
  }

  #lose(message: string, cause?: unknown): void {
    this.#fail(new WebSocketError('ERR_VERDANT_WEBSOCKET_LOST', message, closeCodes.abnormal, cause));
    this.#wire.terminate();
  }

  #fail(error: WebSocketError): void {
    this.#failure ??= error;
    this.#closeCode ??= error.closeCode;
    this.#endAll();
  }

  #onClose(code: number, reason: Buffer): void {
    this.#over = true;
    this.#heartbeat?.stop();
    this.#closeCode ??= code;
    if (this.#failure === null) this.#closeReason = reason.toString('utf8');
    if (code === closeCodes.abnormal && !this.#left && this.#failure === null) {
      const message = 'The connection has ended without a closing handshake';
      this.#failure = new WebSocketError('ERR_VERDANT_WEBSOCKET_LOST', message, code, this.#socketError);
    }
    this.#endAll();
    wakeAll(this.#joiners, undefined);
  }

  #endAll(): void {
    this.#heartbeat?.stop();
    this.#inbox.end(() => (this.#left ? null : this.#failureAgain()));
    const closed = (): Error => this.#closedError();
    this.#outbox.end(closed);
    this.#pings.end(closed);
  }

  // A new one for everybody who meets it, so that each stack tells where.
  #failureAgain(): WebSocketError | null {
    if (this.#failure === null) return null;
    const { code, message, closeCode, cause } = this.#failure;
    return this.#sign(new WebSocketError(code, message, closeCode, cause));
  }

  #closedError(): Error {
    if (this.#left) return new ClosedError('The WebSocket was closed');
    const failure = this.#failureAgain();
    if (failure !== null) return failure;
    const code = this.#closeCode ?? closeCodes.noStatus;
    const reason = this.#closeReason === '' ? '' : `: ${this.#closeReason}`;
    const message = `The other end has closed the WebSocket${reason}`;
    return this.#sign(new WebSocketError('ERR_VERDANT_CLOSED', message, code, undefined));
  }

  #sign(error: WebSocketError): WebSocketError {
    this.#thrown.add(error);
    return error;
  }

  /** @internal Whether that was thrown here because the other end has ended the connection. */
  isItsEnd(error: unknown): boolean {
    return this.#thrown.has(error as object);
  }

  /** The subprotocol that was agreed on; empty for none. */
  get protocol(): string {
    return this.#wire.protocol;
  }

  /** The extensions that were agreed on: `permessage-deflate`, or empty. */
  get extensions(): string {
    return this.#wire.extensions;
  }

  /** Where it is connected to; on a server, the request's target: path and query. */
  get url(): string {
    return this.#url;
  }

  /** As the web's: 1 while open, 2 while closing, 3 when closed. */
  get readyState(): 0 | 1 | 2 | 3 {
    return this.#wire.readyState;
  }

  /** Bytes that have been sent and that the system has not taken yet. */
  get bufferedAmount(): number {
    return this.#wire.bufferedAmount;
  }

  /**
   * How it has ended: what the other end has said in its closing handshake, or answered to ours; 1005 if it has given no code;
   * 1006 if the connection just broke off; what the other end was told, if it has broken the protocol. Undefined before that.
   */
  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  /** What the other end has said beside it. */
  get closeReason(): string {
    return this.#closeReason;
  }

  /**
   * Sends a message. Waits while more than `highWaterMark` bytes are on their way, behind those who wait already. When it
   * returns the message is on its way, whole, and the memory of `data` may be used again; what has been thrown means that nothing
   * was sent.
   * @param data - text as a text message, bytes as a binary one
   * @param options - `timeout` in milliseconds, `signal`; `binary`, `compress`
   * @throws `ERR_VERDANT_CLOSED` once either end has closed it, also if that happens while it waits;
   * `ERR_VERDANT_WEBSOCKET_LOST`, `ERR_VERDANT_WEBSOCKET_PROTOCOL` when the connection has ended otherwise;
   * `ERR_VERDANT_TIMEOUT`; the signal's reason; `ERR_VERDANT_NOT_GREEN` outside a green thread
   */
  send(data: Sendable, options?: SendOptions): void {
    const call = 'WebSocket.send()';
    validateSend(options);
    const binary = options?.binary ?? typeof data !== 'string';
    const bytes = typeof data === 'string' ? null : toBytes(data, 'data');
    if (!binary && bytes !== null && !isUtf8(bytes)) throw invalidType('data', 'UTF-8 to be sent as text', data);
    const size = bytes === null ? Buffer.byteLength(data as string) : bytes.byteLength;
    const compress = options?.compress ?? size >= this.#limits.threshold;
    requireGreen(call);
    this.#checkOpen();
    this.#outbox.send(call, size, options, (sent) => {
      this.#messagesOut += 1;
      this.#lengthOut += size;
      // The caller may use its memory again as soon as this returns; the system takes it later.
      this.#wire.send(bytes === null ? (data as string) : Buffer.from(bytes), { binary, compress }, sent);
    });
  }

  /**
   * Receives the next message, waiting until there is one.
   * @param options - `timeout` in milliseconds, `signal`
   * @returns text as a string, a binary message as a Buffer, which is yours; null when either end has closed the connection in
   * order (`closeCode` and `closeReason` tell how) and all that came before was received
   * @throws `ERR_VERDANT_WEBSOCKET_LOST` when the connection has broken off, `ERR_VERDANT_WEBSOCKET_PROTOCOL` when the other end has
   * broken the protocol or a limit; both after all that came before was received; `ERR_VERDANT_TIMEOUT`; the signal's reason;
   * `ERR_VERDANT_NOT_GREEN` outside a green thread
   */
  receive(options?: BlockingOptions): Message | null {
    validateBlockingOptions(options);
    return this.#inbox.take('WebSocket.receive()', options);
  }

  /** The messages, one after the other, until `receive` would return null. */
  *[Symbol.iterator](): Generator<Message, void, undefined> {
    for (let message = this.receive(); message !== null; message = this.receive()) yield message;
  }

  /**
   * Asks the other end for a sign of life, and waits for it.
   * @param data - at most 125 bytes, which the answer repeats; default: something of its own
   * @param options - `timeout` in milliseconds, `signal`
   * @returns how long the answer took, in milliseconds
   * @throws as `send`; `ERR_OUT_OF_RANGE` for too much data
   */
  ping(data?: Sendable, options?: BlockingOptions): number {
    const call = 'WebSocket.ping()';
    validateBlockingOptions(options);
    const bytes = data === undefined ? this.#pings.nextData() : controlData(data);
    requireGreen(call);
    this.#checkOpen();
    const began = performance.now();
    this.#pings.wait(call, bytes, options, () => this.#wire.ping(bytes, undefined, ignore));
    return performance.now() - began;
  }

  /**
   * Sends a pong that nobody has asked for: a sign of life. Pings are answered by themselves. Waits as `send` does.
   * @param data - at most 125 bytes
   * @param options - `timeout` in milliseconds, `signal`
   * @throws as `send`; `ERR_OUT_OF_RANGE` for too much data
   */
  pong(data: Sendable = '', options?: BlockingOptions): void {
    const call = 'WebSocket.pong()';
    validateBlockingOptions(options);
    const bytes = controlData(data);
    requireGreen(call);
    this.#checkOpen();
    this.#outbox.send(call, bytes.byteLength, options, (sent) => this.#wire.pong(bytes, undefined, sent));
  }

  /**
   * Closes the connection in order: what was sent before goes out, then the closing handshake, for which the other end has
   * `closeTimeout`. Everybody who waits is woken: receivers get null (after what had come before), senders and pings
   * `ERR_VERDANT_CLOSED`; what still comes in is dropped. Does not wait itself (`join` does); legal anywhere, any number of times.
   * @param code - 1000 (default) to 1014 as RFC 6455 has them, without 1004 to 1006, or 3000 to 4999
   * @param reason - at most 123 bytes of text
   * @throws `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_TYPE`
   */
  close(code: number = closeCodes.normal, reason = ''): void {
    if (typeof code !== 'number') throw invalidType('code', 'of type number', code);
    if (!isSendableCode(code)) throw outOfRange('code', '1000 to 1014 (not 1004 to 1006), or 3000 to 4999', code);
    if (typeof reason !== 'string') throw invalidType('reason', 'of type string', reason);
    const length = Buffer.byteLength(reason);
    if (length > longestReason) throw outOfRange('reason', `at most ${longestReason} bytes long`, length);
    this.#leave();
    this.#wire.close(code, reason);
  }

  /** Cuts the connection, whatever is on its way. Wakes everybody as `close` does. Legal anywhere, any number of times. */
  terminate(): void {
    this.#leave();
    this.#wire.terminate();
  }

  #leave(): void {
    // After the other end's part of the handshake there is nothing left to leave, nor after its end.
    if (this.#wire.readyState === open) this.#left = true;
    this.#endAll();
  }

  /**
   * Waits until the connection has ended: the closing handshake is over and the socket is closed, or it broke off.
   * @param options - `timeout` in milliseconds, `signal`
   * @returns false when the timeout came first
   * @throws the signal's reason; `ERR_VERDANT_NOT_GREEN` outside a green thread
   */
  join(options?: BlockingOptions): boolean {
    const call = 'WebSocket.join()';
    validateBlockingOptions(options);
    requireGreen(call);
    if (options?.signal?.aborted === true) throw options.signal.reason;
    if (this.#over) return true;
    return park(call, { ...options, queue: this.#joiners, timeoutValue: timedOut }) !== timedOut;
  }

  /** Closes it. For `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Counters. */
  statistics(): WebSocketStatistics {
    return {
      messagesIn: this.#messagesIn,
      lengthIn: this.#lengthIn,
      messagesOut: this.#messagesOut,
      lengthOut: this.#lengthOut,
      queued: this.#inbox.size,
      paused: this.#inbox.full,
      receiving: this.#inbox.waiting,
      sending: this.#outbox.waiting,
      pinging: this.#pings.waiting,
    };
  }

  #checkOpen(): void {
    if (this.#wire.readyState !== open) throw this.#closedError();
  }
}

/**
 * The message in memory of its own. What comes in is a piece of a larger buffer, which a short message would keep alive for as
 * long as somebody keeps that.
 */
function ownMemory(data: Buffer): Buffer {
  if (2 * data.byteLength >= data.buffer.byteLength) return data;
  const own = Buffer.allocUnsafeSlow(data.byteLength); // any other comes out of a pool
  data.copy(own);
  return own;
}

function controlData(data: Sendable): Buffer {
  const bytes = toBytes(data, 'data');
  if (bytes.byteLength > longestControl) {
    throw outOfRange('data', `at most ${longestControl} bytes long`, bytes.byteLength);
  }
  return Buffer.from(bytes);
}

function validateSend(options: SendOptions | undefined): void {
  if (options === undefined) return;
  validateBlockingOptions(options);
  const { binary, compress } = options;
  if (binary !== undefined && typeof binary !== 'boolean') {
    throw invalidType('options.binary', 'of type boolean', binary);
  }
  if (compress !== undefined && typeof compress !== 'boolean') {
    throw invalidType('options.compress', 'of type boolean', compress);
  }
}

const ignore = (): undefined => undefined;
