import { Blob } from 'node:buffer';
import { type Response as WebResponse } from 'undici';
import { wait } from '../../bridge/wait';
import { VerdantError } from '../../errors';
import { type BlockingOptions } from '../../park';
import { type FetchExchange } from './fetch_exchange';
import { ResponseBody } from './response_body';
import { undici } from './undici';

/**
 * What `fetch` gives: the web's `Response`, with methods that block the calling green thread in place of returning promises. A
 * handler of `serve` may return it.
 *
 * Its connection is busy until the body has been read or cancelled (`using` does that, or `cancel()`).
 */
export class FetchResponse {
  /** The status. */
  readonly status: number;
  /** What stands behind the status. */
  readonly statusText: string;
  /** True for a status from 200 to 299. */
  readonly ok: boolean;
  /** Where it came from, after redirects. */
  readonly url: string;
  /** Whether there were redirects. */
  readonly redirected: boolean;
  /** As on the web: `basic`, `opaqueredirect`, … */
  readonly type: string;
  /** The body, for iteration and reading piece by piece; null if there is none. */
  readonly body: ResponseBody | null;
  readonly #exchange: FetchExchange;
  readonly #response: WebResponse;

  /** @internal */
  constructor(exchange: FetchExchange, response: WebResponse) {
    this.#exchange = exchange;
    this.#response = response;
    this.status = response.status;
    this.statusText = response.statusText;
    this.ok = response.ok;
    this.url = response.url;
    this.redirected = response.redirected;
    this.type = response.type;
    this.body = response.body === null ? null : new ResponseBody(exchange.bodyOf(response));
    if (this.body === null) exchange.readerDone();
  }

  /** The headers. */
  get headers(): WebResponse['headers'] {
    return this.#response.headers;
  }

  /** True once somebody has begun to read the body. */
  get bodyUsed(): boolean {
    return this.body?.used ?? false;
  }

  /**
   * Reads all of the body.
   * @param options - `timeout` in milliseconds for all of it, `signal`
   * @throws what `fetch` throws when the connection breaks; `ERR_VERDANT_HTTP_BODY_USED`; `ERR_VERDANT_TIMEOUT` (also by
   * `bodyTimeout` and the `timeout` of the request); the signal's reason; `ERR_VERDANT_NOT_GREEN`
   */
  bytes(options?: BlockingOptions): Buffer {
    return this.body?.bytes(options) ?? Buffer.alloc(0);
  }

  /**
   * As `bytes`, decoded as UTF-8.
   * @param options - as for `bytes`
   */
  text(options?: BlockingOptions): string {
    return this.body?.text(options) ?? '';
  }

  /**
   * As `text`, parsed.
   * @param options - as for `bytes`
   * @throws as `bytes`; SyntaxError
   */
  json(options?: BlockingOptions): unknown {
    return this.body === null ? JSON.parse('') : this.body.json(options);
  }

  /**
   * As `bytes`, in an ArrayBuffer of its own.
   * @param options - as for `bytes`
   */
  arrayBuffer(options?: BlockingOptions): ArrayBuffer {
    return this.body?.arrayBuffer(options) ?? new ArrayBuffer(0);
  }

  /**
   * As `bytes`, as a Blob of the answer's Content-Type.
   * @param options - as for `bytes`
   */
  blob(options?: BlockingOptions): Blob {
    return new Blob([this.bytes(options)], { type: this.headers.get('content-type') ?? '' });
  }

  /**
   * As `bytes`, taken apart: `multipart/form-data` and `application/x-www-form-urlencoded`.
   * @param options - as for `bytes`
   * @throws as `bytes`; TypeError for what is no form
   */
  formData(options?: BlockingOptions): FormData {
    const { Response } = undici();
    const type = this.headers.get('content-type') ?? '';
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- undici warns of holding it all in memory: it is there already
    const form = wait(new Response(this.bytes(options), { headers: { 'content-type': type } }).formData());
    const result = new FormData();
    for (const [name, value] of form as unknown as Iterable<[string, string | globalThis.Blob]>) {
      if (typeof value === 'string') result.append(name, value);
      else result.append(name, value);
    }
    return result;
  }

  /**
   * A second one of the same answer, with a body of its own. What one has read that the other has not is kept.
   * @throws `ERR_VERDANT_HTTP_BODY_USED` if the body has been looked at
   */
  clone(): FetchResponse {
    if (this.bodyUsed) throw new VerdantError('ERR_VERDANT_HTTP_BODY_USED', 'clone(): the body has been read already');
    this.#exchange.addReader();
    return new FetchResponse(this.#exchange, this.#response.clone());
  }

  /** Closes the connection unless all of the body has been read. Never blocks, legal anywhere and at any time. */
  cancel(): void {
    this.body?.cancel();
  }

  /** As `cancel()`. For `using`. */
  [Symbol.dispose](): void {
    this.cancel();
  }

  static {
    Object.defineProperty(this.prototype, Symbol.toStringTag, { value: 'Response', configurable: true });
  }
}
