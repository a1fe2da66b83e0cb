import { Readable } from 'node:stream';
import { GreenThread } from '../../green_thread';
import { wirePairs } from '../headers';
import { minorOne } from '../parser';
import { type Exchange } from './exchange';
import { ReceivedRequest } from './received_request';
import { type AnyListener, SocketView, timeoutOf } from './socket_view';

/**
 * A request in the shape of `node:http`'s, for handlers that take `(request, response)`. Beside what Node has, its body can
 * be read in blocking style. Its events and `pipe` are those of a Readable that is made when somebody first asks for it.
 */
export class IncomingMessage extends ReceivedRequest {
  #headers: Record<string, string | string[]> | null = null;
  #stream: Readable | null = null;
  #socket: SocketView | null = null;

  /** What was asked for: usually a path and a query. */
  get url(): string {
    this.#url ??= this.exchange.target;
    return this.#url;
  }

  /** What routers put in its place. */
  set url(url: string) {
    this.#url = url;
  }

  #url: string | null = null;

  /** 1. */
  readonly httpVersionMajor = 1;

  /** 0 or 1. */
  get httpVersionMinor(): number {
    return (this.exchange.flags & minorOne) === 0 ? 0 : 1;
  }

  /** The headers by their lower-case names; several values are joined as Node does, those of Set-Cookie are an array. */
  get headers(): Record<string, string | string[]> {
    this.#headers ??= headersObject(this.exchange.headerText);
    return this.#headers;
  }

  /** Names and values, one after the other, as they came. */
  get rawHeaders(): string[] {
    return [...wirePairs(this.exchange.headerText)].flat();
  }

  /** What came behind a chunked body, in the form of `headers`. */
  get trailers(): Record<string, string | string[]> {
    return headersObject(this.exchange.trailerText);
  }

  /** What came behind a chunked body, in the form of `rawHeaders`. */
  get rawTrailers(): string[] {
    return [...wirePairs(this.exchange.trailerText)].flat();
  }

  /** What can be told of the connection. */
  get socket(): SocketView {
    this.#socket ??= new SocketView(this.exchange);
    return this.#socket;
  }

  /** As `socket`. */
  get connection(): SocketView {
    return this.socket;
  }

  /** True once all of the body has come. */
  get complete(): boolean {
    return this.exchange.complete;
  }

  /** True when the client has gone away before it was answered. */
  get aborted(): boolean {
    return this.exchange.gone;
  }

  /** The body's pieces, in blocking style. */
  [Symbol.iterator](): Generator<Buffer, void, undefined> {
    return this.exchange.chunks();
  }

  /** The body's pieces, for `for await`. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    return this.stream()[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** The body as a Node stream; always the same one. */
  stream(): Readable {
    this.#stream ??= readableOf(this.exchange);
    return this.#stream;
  }

  /** See `Readable`. */
  on(event: string, listener: AnyListener): this {
    this.stream().on(event, listener);
    return this;
  }

  /** See `Readable`. */
  addListener(event: string, listener: AnyListener): this {
    return this.on(event, listener);
  }

  /** See `Readable`. */
  once(event: string, listener: AnyListener): this {
    this.stream().once(event, listener);
    return this;
  }

  /** See `Readable`. */
  off(event: string, listener: AnyListener): this {
    this.#stream?.off(event, listener);
    return this;
  }

  /** See `Readable`. */
  removeListener(event: string, listener: AnyListener): this {
    return this.off(event, listener);
  }

  /** See `Readable`. */
  pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
    return this.stream().pipe(destination, options);
  }

  /** See `Readable`. */
  unpipe(destination?: NodeJS.WritableStream): this {
    this.#stream?.unpipe(destination);
    return this;
  }

  /** See `Readable`. */
  read(size?: number): unknown {
    return this.stream().read(size) as unknown;
  }

  /** See `Readable`. */
  setEncoding(encoding: BufferEncoding): this {
    this.stream().setEncoding(encoding);
    return this;
  }

  /** See `Readable`. */
  resume(): this {
    this.stream().resume();
    return this;
  }

  /** See `Readable`. */
  pause(): this {
    this.stream().pause();
    return this;
  }

  /**
   * When for `ms` nothing was received or sent on the connection, and this request has not been answered, the event
   * `timeout` comes, here and at the response; if nobody listens for it, the connection is broken.
   * @param ms - milliseconds; 0 for none
   * @param callback - listens for `timeout`; on a green thread of its own, where it may block
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   */
  setTimeout(ms: number, callback?: (socket: SocketView) => void): this {
    this.exchange.setTimeout(timeoutOf(ms, callback));
    if (callback !== undefined) this.on('timeout', callback);
    return this;
  }

  /** @internal Nothing has happened for the time that was set. */
  timedOut(): boolean {
    const heard = this.#stream?.emit('timeout', this.socket) ?? false;
    return this.socket.timedOut() || heard;
  }

  /** Breaks the connection. */
  destroy(): this {
    this.exchange.breakOff();
    return this;
  }
}

function readableOf(exchange: Exchange): Readable {
  return new Readable({
    read(): void {
      const step = (): void => {
        try {
          this.push(exchange.readChunk(undefined));
        } catch (error) {
          this.destroy(error as Error);
        }
      };
      new GreenThread(step, [], null).start();
    },
  });
}

/** Of these, Node keeps the first value only. */
const once = new Set([
  ...['age', 'authorization', 'content-length', 'content-type', 'etag', 'expires', 'from', 'host', 'if-modified-since'],
  ...[
    'if-unmodified-since',
    'last-modified',
    'location',
    'max-forwards',
    'proxy-authorization',
    'referer',
    'retry-after',
  ],
  ...['server', 'user-agent'],
]);

function headersObject(text: string): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [given, value] of wirePairs(text)) {
    const name = given.toLowerCase();
    const known = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (name === 'set-cookie') {
      if (Array.isArray(known)) known.push(value);
      else headers[name] = [value];
    } else if (known === undefined) {
      // Whoever sends a header `__proto__` gets a header of that name.
      Object.defineProperty(headers, name, { value, enumerable: true, writable: true, configurable: true });
    } else if (!once.has(name)) {
      headers[name] = `${known as string}${name === 'cookie' ? '; ' : ', '}${value}`;
    }
  }
  return headers;
}
