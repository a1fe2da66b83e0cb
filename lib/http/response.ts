import { VerdantError } from '../errors';
import { invalidType, outOfRange, validateObject } from '../validate';
import { type BodyInit, bodySource, mediaTypeOf, pieceBytes } from './body_source';
import { reasonPhrase } from './header_text';
import { Headers, type HeadersLike } from './headers';

/** What a `Response` may be told. */
export interface ResponseInit {
  /** 200 to 599; default 200. */
  status?: number | undefined;
  /** What stands behind the status; default its usual phrase. */
  statusText?: string | undefined;
  /** Headers; Content-Length, Date, Connection and Transfer-Encoding are the server's business. */
  headers?: HeadersLike | undefined;
}

/**
 * What a handler answers: the web's `Response`, but light, and with reading methods that block.
 * @example
 * ```ts
 * import { Response, } from 'verdant/http';
 *
 * const response = new Response('not here', { status: 404, headers: { 'X-Why': 'moved' } });
 * console.log(response.status, response.ok, response.headers.get('x-why')); // 404 false moved
 * console.log(response.text()); // not here
 * ```
 */
export class Response {
  /** The status, 200 to 599. */
  readonly status: number;
  /** What stands behind the status; empty for the usual phrase. */
  readonly statusText: string;
  /** @internal As it was given. */
  readonly content: BodyInit;
  /** @internal What to send, if nobody has looked at `headers`. */
  rawHeaders: HeadersLike | undefined;
  #headers: Headers | null = null;
  #used = false;

  /**
   * @param body - text, bytes, an iterable or async iterable of them, a ReadableStream, a Node Readable, a Blob,
   * URLSearchParams; null for none
   * @param init - `status`, `statusText`, `headers`
   * @throws `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_CHAR`; wrong headers are found when they are looked at
   * or sent
   */
  constructor(body?: BodyInit, init?: ResponseInit) {
    this.content = body;
    if (init === undefined) {
      this.status = 200;
      this.statusText = '';
      this.rawHeaders = undefined;
      return;
    }
    validateObject(init, 'init');
    const { status = 200, statusText = '', headers } = init;
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw outOfRange('init.status', '>= 200 && <= 599', status);
    }
    this.status = status;
    this.statusText = statusText === '' ? '' : reasonPhrase(statusText);
    this.rawHeaders = headers;
    if (headers !== undefined && (typeof headers !== 'object' || headers === null)) {
      throw invalidType('init.headers', 'headers', headers);
    }
  }

  /**
   * A response with JSON for its body.
   * @param data - what JSON can say
   * @param init - as for the constructor
   * @throws TypeError for what JSON cannot say
   */
  static json(data: unknown, init?: ResponseInit): Response {
    const text = JSON.stringify(data) as string | undefined;
    if (text === undefined) throw invalidType('data', 'something JSON can say', data);
    const response = new Response(text, init);
    response.#json = true;
    return response;
  }

  /**
   * A response that sends the client elsewhere.
   * @param url - where to
   * @param status - 301, 302, 303, 307 or 308; default 302
   */
  static redirect(url: string | URL, status = 302): Response {
    if (![301, 302, 303, 307, 308].includes(status)) throw outOfRange('status', '301, 302, 303, 307 or 308', status);
    return new Response(null, { status, headers: { Location: String(url) } });
  }

  #json = false;

  /** True for a status from 200 to 299. */
  get ok(): boolean {
    return this.status < 300;
  }

  /** The headers; they may be changed until the response is sent. */
  get headers(): Headers {
    if (this.#headers === null) {
      this.#headers = new Headers(this.rawHeaders);
      const { mediaType } = this;
      if (mediaType !== undefined && !this.#headers.has('content-type')) this.#headers.set('Content-Type', mediaType);
      this.rawHeaders = this.#headers;
    }
    return this.#headers;
  }

  /** @internal The Content-Type if there is none among the headers. Undefined once somebody has looked at those. */
  get mediaType(): string | undefined {
    if (this.#json) return 'application/json';
    return mediaTypeOf(this.content);
  }

  /** @internal Whether Content-Type is to be added to what `rawHeaders` says. */
  get headersSeen(): boolean {
    return this.#headers !== null;
  }

  /** The body's pieces, to be iterated over on a green thread; null if there is none. */
  get body(): Iterable<Buffer> | null {
    const source = bodySource(this.content);
    if (source === undefined) return null;
    if (typeof source === 'string' || source instanceof Uint8Array) return [asBuffer(source)];
    return pieces(source);
  }

  /** True once the body has been read, or handed over to be sent. */
  get bodyUsed(): boolean {
    return this.#used;
  }

  /** @internal The body, for whoever sends it: a stream can be read once. */
  takeContent(): BodyInit {
    const { content } = this;
    if (typeof content === 'object' && content !== null && !ArrayBuffer.isView(content)) this.#use();
    return content;
  }

  #use(): void {
    if (this.#used) throw new VerdantError('ERR_VERDANT_HTTP_BODY_USED', 'The body has been read already');
    this.#used = true;
  }

  /** All of the body. Blocks if it is a stream. */
  bytes(): Buffer {
    this.#use();
    const body = this.body;
    return body === null ? Buffer.alloc(0) : Buffer.concat([...body]);
  }

  /** The body as text. */
  text(): string {
    return this.bytes().toString('utf8');
  }

  /** The body as JSON. */
  json(): unknown {
    return JSON.parse(this.text());
  }

  /** The body as an ArrayBuffer of its own. */
  arrayBuffer(): ArrayBuffer {
    return new Uint8Array(this.bytes()).buffer;
  }

  static {
    Object.defineProperty(this.prototype, Symbol.toStringTag, { value: 'Response', configurable: true });
  }
}

function asBuffer(data: unknown): Buffer {
  const bytes = pieceBytes(data);
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function* pieces(source: Iterable<unknown>): Generator<Buffer, void, undefined> {
  for (const piece of source) yield asBuffer(piece);
}
