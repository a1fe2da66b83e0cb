import { EventEmitter } from 'node:events';
import { VerdantError } from '../../errors';
import { getHub } from '../../hub/registry';
import { park } from '../../park';
import { WaitQueue } from '../../wait_queue';
import { wakeAll } from '../../sync/wake';
import { outOfRange, validateObject } from '../../validate';
import { pieceBytes } from '../body_source';
import { headerName, headerValue, reasonPhrase } from '../header_text';
import { type Exchange } from './exchange';
import { addHeader, emptyHead, type Head } from './head';
import { SocketView, timeoutOf } from './socket_view';
import { type OutgoingTrailers, trailerLines } from './trailers';

/** A value of a header in the shapes of `node:http`. */
export type OutgoingValue = string | number | readonly string[];

/** Headers as `writeHead` takes them: an object, or names and values one after the other. */
export type OutgoingHeaders = Record<string, OutgoingValue | undefined> | readonly OutgoingValue[];

interface Entry {
  name: string;
  value: OutgoingValue;
}

/**
 * A response in the shape of `node:http`'s, for handlers that take `(request, response)`. On a green thread, `write` and
 * `end` block until the system has taken the data: that is the back-pressure. Elsewhere (an event's listener, an async
 * function after an `await`) they hand the data to the request's green thread and return at once.
 */
export class ServerResponse extends EventEmitter {
  readonly #exchange: Exchange;
  readonly #headers = new Map<string, Entry>();
  #trailers = '';
  #ended = false;
  #finished = false;
  #socket: SocketView | null = null;
  /** What was asked for outside of green threads. */
  readonly #orders: (() => void)[] = [];
  readonly #waiting = new WaitQueue();

  /** The status; until the head is sent. */
  statusCode = 200;
  /** What stands behind the status; the usual phrase if undefined. */
  statusMessage: string | undefined;
  /** Whether a Date is sent. Always. */
  readonly sendDate = true;

  /** @internal */
  constructor(exchange: Exchange) {
    super();
    this.#exchange = exchange;
  }

  /** True once the head has been sent. */
  get headersSent(): boolean {
    return this.#exchange.headSent || this.#started;
  }

  #started = false;

  /** True once `end` was called. */
  get writableEnded(): boolean {
    return this.#ended;
  }

  /** As `writableEnded`. */
  get finished(): boolean {
    return this.#ended;
  }

  /** True once all has been handed to the system. */
  get writableFinished(): boolean {
    return this.#finished;
  }

  /** True when the client has gone away. */
  get destroyed(): boolean {
    return this.#exchange.gone;
  }

  /** What can be told of the connection. */
  get socket(): SocketView {
    this.#socket ??= new SocketView(this.#exchange);
    return this.#socket;
  }

  /** As `socket`. */
  get connection(): SocketView {
    return this.socket;
  }

  /**
   * Sets a header, in the place of those of that name.
   * @throws `ERR_INVALID_HTTP_TOKEN`, `ERR_INVALID_CHAR`; `ERR_HTTP_HEADERS_SENT`
   */
  setHeader(name: string, value: OutgoingValue): this {
    this.#refuseIfSent('set');
    const { lower } = headerName(name);
    if (Array.isArray(value)) for (const one of value as readonly string[]) headerValue(name, one);
    else headerValue(name, value);
    this.#headers.set(lower, { name, value });
    return this;
  }

  /** Sets several. */
  setHeaders(headers: Iterable<readonly [string, OutgoingValue]>): this {
    for (const [name, value] of headers) this.setHeader(name, value);
    return this;
  }

  /** Adds a value to those of that name. */
  appendHeader(name: string, value: OutgoingValue): this {
    const known = this.#headers.get(headerName(name).lower);
    if (known === undefined) return this.setHeader(name, value);
    return this.setHeader(known.name, [...valuesOf(known.value), ...valuesOf(value)]);
  }

  /** A header's value. */
  getHeader(name: string): OutgoingValue | undefined {
    return this.#headers.get(name.toLowerCase())?.value;
  }

  /** The names, in lower case. */
  getHeaderNames(): string[] {
    return [...this.#headers.keys()];
  }

  /** All headers by their lower-case names. */
  getHeaders(): Record<string, OutgoingValue> {
    return Object.fromEntries([...this.#headers].map(([lower, { value }]) => [lower, value]));
  }

  /** Whether there is a header of that name. */
  hasHeader(name: string): boolean {
    return this.#headers.has(name.toLowerCase());
  }

  /** Removes a header. */
  removeHeader(name: string): void {
    this.#refuseIfSent('remove');
    this.#headers.delete(name.toLowerCase());
  }

  #refuseIfSent(what: string): void {
    if (!this.headersSent) return;
    const error = new Error(`Cannot ${what} headers after they are sent to the client`);
    throw Object.assign(error, { code: 'ERR_HTTP_HEADERS_SENT' });
  }

  /**
   * Says what the head of the answer is; it is sent with the first data.
   * @param status - 200 to 599
   * @param reason - what stands behind the status
   * @param headers - more headers
   */
  writeHead(status: number, reason?: string | OutgoingHeaders, headers?: OutgoingHeaders): this {
    this.#refuseIfSent('write');
    const more = typeof reason === 'string' ? headers : (headers ?? reason);
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw outOfRange('status', '>= 200 && <= 599', status);
    }
    if (typeof reason === 'string') this.statusMessage = reasonPhrase(reason);
    this.statusCode = status;
    if (Array.isArray(more)) this.#setPairs(more as readonly OutgoingValue[]);
    else if (more !== undefined) {
      for (const [name, value] of Object.entries(more)) {
        if (value !== undefined) this.setHeader(name, value);
      }
    }
    return this;
  }

  #setPairs(pairs: readonly OutgoingValue[]): void {
    const seen = new Set<string>();
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      const name = String(pairs[at]);
      if (seen.has(name.toLowerCase())) this.appendHeader(name, pairs[at + 1]!);
      else this.setHeader(name, pairs[at + 1]!);
      seen.add(name.toLowerCase());
    }
  }

  /**
   * Says what to send behind the body, in the place of what was said before. Only a chunked body can have that: one that is
   * sent piece by piece to a client of HTTP/1.1, or any that is announced by a header `Trailer`. Else it is dropped.
   * @param trailers - an object, or pairs
   * @throws `ERR_INVALID_HTTP_TOKEN`, `ERR_INVALID_CHAR`; `ERR_VERDANT_HTTP_FRAMING` for names that frame messages
   */
  addTrailers(trailers: OutgoingTrailers): void {
    validateObject(trailers, 'trailers');
    this.#trailers = trailerLines(trailers);
  }

  /** Sends the head now. */
  flushHeaders(): void {
    if (this.headersSent) return;
    this.#begin();
    this.#do(() => this.#exchange.startStream(this.#status(), this.#reason(), this.#head()));
  }

  #begin(): void {
    this.#started = true;
  }

  #status(): number {
    const { statusCode } = this;
    if (!Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599) {
      throw outOfRange('statusCode', '>= 200 && <= 599', statusCode);
    }
    return statusCode;
  }

  #reason(): string {
    return this.statusMessage === undefined || this.statusMessage === '' ? '' : reasonPhrase(this.statusMessage);
  }

  #head(): Head {
    const head = emptyHead();
    for (const { name, value } of this.#headers.values()) {
      if (typeof value === 'object') for (const one of value) addHeader(head, name, one);
      else addHeader(head, name, value);
    }
    if (head.length >= 0 && this.#headers.has('trailer')) {
      const error = new Error('Trailers are invalid with this transfer encoding');
      throw Object.assign(error, { code: 'ERR_HTTP_TRAILER_INVALID' });
    }
    return head;
  }

  /**
   * Sends a piece of the body.
   * @param chunk - text or bytes
   * @param encoding - of text, or the callback
   * @param callback - called when it is done
   * @returns true: there is no need to wait for `drain`
   * @throws `ERR_VERDANT_HTTP_ABORTED` when the client is gone; `ERR_STREAM_WRITE_AFTER_END`; wrong headers
   */
  write(chunk: string | Uint8Array, encoding?: BufferEncoding | (() => void), callback?: () => void): boolean {
    if (this.#ended) throw afterEnd();
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encodingOf(encoding)) : pieceBytes(chunk);
    const first = !this.headersSent;
    this.#begin();
    this.#do(() => {
      if (first) this.#exchange.startStream(this.#status(), this.#reason(), this.#head(), bytes);
      else this.#exchange.write(bytes);
    });
    callDone(encoding, callback);
    return true;
  }

  /**
   * Sends the last piece of the body, and ends the answer.
   * @param chunk - text or bytes
   * @param encoding - of text, or the callback
   * @param callback - called when it is done
   */
  end(
    chunk?: string | Uint8Array | (() => void) | null,
    encoding?: BufferEncoding | (() => void),
    callback?: () => void,
  ): this {
    if (this.#ended) return this;
    const done = typeof chunk === 'function' ? chunk : undefined;
    const given = typeof chunk === 'function' || chunk === null ? undefined : chunk;
    const data = typeof given === 'string' && !isUtf8(encoding) ? Buffer.from(given, encodingOf(encoding)) : given;
    const fixed = !this.headersSent;
    this.#begin();
    this.#ended = true;
    this.#do(() => {
      if (fixed && !this.#headers.has('trailer')) {
        const body = typeof data === 'string' || data === undefined ? data : pieceBytes(data);
        this.#exchange.sendFixed(this.#status(), this.#reason(), this.#head(), body);
      } else {
        if (fixed) this.#exchange.startStream(this.#status(), this.#reason(), this.#head());
        if (data !== undefined) this.#exchange.write(data);
        this.#exchange.finishStream(this.#trailers);
      }
      this.#finished = true;
      if (this.listenerCount('finish') > 0) this.emit('finish');
    });
    wakeAll(this.#waiting, undefined);
    if (done !== undefined) this.#do(done);
    callDone(encoding, callback);
    return this;
  }

  // On a green thread here and now; else on the request's own, when its handler has returned.
  #do(order: () => void): void {
    if (getHub().current === null) {
      this.#orders.push(order);
      wakeAll(this.#waiting, undefined);
      return;
    }
    while (this.#orders.length > 0) this.#orders.shift()!();
    try {
      order();
    } catch (error) {
      if (!this.#exchange.headSent) this.#started = this.#ended = false;
      throw error;
    }
  }

  /** @internal The handler has returned: its green thread stays until the answer is complete. */
  waitForEnd(): void {
    try {
      this.#finishOrders();
    } finally {
      if (this.listenerCount('close') > 0) this.emit('close');
    }
  }

  #finishOrders(): void {
    if (!this.#ended) this.#exchange.whenGone(() => wakeAll(this.#waiting, undefined));
    for (;;) {
      while (this.#orders.length > 0) this.#orders.shift()!();
      if (this.#ended || this.#exchange.taken) return;
      if (this.#exchange.gone || this.#exchange.signal.aborted) return;
      park('the end of an HTTP response', { queue: this.#waiting });
    }
  }

  /** Breaks the connection. */
  destroy(): this {
    this.#exchange.breakOff();
    return this;
  }

  /** No effect: what is written goes out at once. */
  cork(): void {
    return;
  }

  /** No effect. */
  uncork(): void {
    return;
  }

  /** Sends `100 Continue`, which reading the body does by itself. */
  writeContinue(): void {
    this.#do(() => this.#exchange.askForBody());
  }

  /**
   * As `request.setTimeout`.
   * @param ms - milliseconds; 0 for none
   * @param callback - listens for `timeout`; on a green thread of its own, where it may block
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   */
  setTimeout(ms: number, callback?: (socket: SocketView) => void): this {
    this.#exchange.setTimeout(timeoutOf(ms, callback));
    if (callback !== undefined) this.on('timeout', callback);
    return this;
  }

  /** @internal Nothing has happened for the time that was set. */
  timedOut(): boolean {
    const heard = this.emit('timeout', this.socket);
    return (this.#socket?.timedOut() ?? false) || heard;
  }
}

function valuesOf(value: OutgoingValue): string[] {
  return Array.isArray(value) ? (value as string[]) : [String(value)];
}

function isUtf8(encoding: unknown): boolean {
  return typeof encoding !== 'string' || encoding === 'utf8' || encoding === 'utf-8';
}

function encodingOf(encoding: BufferEncoding | (() => void) | undefined): BufferEncoding {
  return typeof encoding === 'string' ? encoding : 'utf8';
}

function callDone(...given: unknown[]): void {
  const done = given.find((one) => typeof one === 'function') as (() => void) | undefined;
  if (done !== undefined) process.nextTick(done);
}

function afterEnd(): Error {
  return Object.assign(new VerdantError('ERR_STREAM_WRITE_AFTER_END', 'write after end'), {});
}
