import { type BlockingOptions } from '../../park';
import { methodOf, minorOne } from '../parser';
import { type Exchange } from './exchange';

/** What a handler gets of a request, in whichever shape: what both shapes call by the same name. */
export abstract class ReceivedRequest {
  readonly #exchange: Exchange;

  /** @internal */
  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** @internal */
  get exchange(): Exchange {
    return this.#exchange;
  }

  /** The method, as it came: methods are in capitals. */
  get method(): string {
    return methodOf(this.#exchange.flags);
  }

  /** `1.0` or `1.1`. */
  get httpVersion(): string {
    return (this.#exchange.flags & minorOne) === 0 ? '1.0' : '1.1';
  }

  /**
   * Aborted when the client goes away before it is answered: the connection breaks, or (without `allowHalfOpen`) the client
   * ends its side of it.
   */
  get signal(): AbortSignal {
    return this.#exchange.signal;
  }

  /** The body's pieces as they come, to be iterated over once; null if the request has none. Each step blocks. */
  get body(): Iterable<Buffer> | null {
    return this.#exchange.hasBody ? this.#exchange.chunks() : null;
  }

  /**
   * Reads all of the body.
   * @param options - `timeout` in milliseconds for all of it, `signal`
   * @throws `HttpError`s: `ERR_VERDANT_HTTP_BODY_TIMEOUT` (408), `ERR_VERDANT_HTTP_TOO_LARGE` (413),
   * `ERR_VERDANT_HTTP_BAD_REQUEST` (400), `ERR_VERDANT_HTTP_ABORTED`; `ERR_VERDANT_HTTP_BODY_USED`; `ERR_VERDANT_TIMEOUT`;
   * the signal's reason; `ERR_VERDANT_NOT_GREEN`
   */
  bytes(options?: BlockingOptions): Buffer {
    return this.#exchange.readAll(options);
  }

  /**
   * As `bytes`, decoded as UTF-8.
   * @param options - as for `bytes`
   */
  text(options?: BlockingOptions): string {
    return this.#exchange.readText(options);
  }

  /**
   * As `text`, parsed.
   * @param options - as for `bytes`
   * @throws as `bytes`; `ERR_VERDANT_HTTP_BAD_REQUEST` (400) if it is no JSON
   */
  json(options?: BlockingOptions): unknown {
    return this.#exchange.readJson(options);
  }
}
