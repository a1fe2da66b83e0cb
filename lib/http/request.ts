import { VerdantError } from '../errors';
import { type Address } from '../net/address';
import { type BlockingOptions } from '../park';
import { Headers } from './headers';
import { connectAsked } from './parser';
import { ReceivedRequest } from './server/received_request';

/**
 * A request as a handler gets it: the web's `Request`, but light, and with reading methods that block the handler's green
 * thread and nobody else. Everything but the body may be read at any time, also when the request has been answered.
 */
export class Request extends ReceivedRequest {
  #headers: Headers | null = null;

  /** What was asked for, as it stands in the request: usually a path and a query. */
  get target(): string {
    return this.exchange.target;
  }

  /** The absolute URL: by the Host header, which nothing but its form has been checked of. */
  get url(): string {
    const { target, flags } = this.exchange;
    if ((flags & connectAsked) !== 0) return target;
    if (!target.startsWith('/') && target !== '*') return target;
    const scheme = this.exchange.encrypted ? 'https' : 'http';
    return `${scheme}://${this.headers.get('host') ?? 'localhost'}${target === '*' ? '/' : target}`;
  }

  /** The target up to its query. */
  get path(): string {
    const { target } = this.exchange;
    const at = target.indexOf('?');
    return at === -1 ? target : target.slice(0, at);
  }

  /** The query with its question mark; empty if there is none. */
  get search(): string {
    const { target } = this.exchange;
    const at = target.indexOf('?');
    return at === -1 ? '' : target.slice(at);
  }

  /** The headers. */
  get headers(): Headers {
    this.#headers ??= Headers.fromWire(this.exchange.headerText);
    return this.#headers;
  }

  /** What came in a trailer section behind a chunked body; there is none before all of the body has come. */
  get trailers(): Headers {
    return Headers.fromWire(this.exchange.trailerText);
  }

  /** The client's address. */
  get remoteAddress(): Address | undefined {
    return this.exchange.remoteAddress;
  }

  /** This end's address. */
  get localAddress(): Address | undefined {
    return this.exchange.localAddress;
  }

  /** True once somebody has begun to read the body. */
  get bodyUsed(): boolean {
    return this.exchange.bodyUsed;
  }

  /**
   * As `bytes`, in an ArrayBuffer of its own.
   * @param options - as for `bytes`
   */
  arrayBuffer(options?: BlockingOptions): ArrayBuffer {
    return new Uint8Array(this.bytes(options)).buffer;
  }

  /** Not possible: the body can be read once. */
  clone(): never {
    throw new VerdantError('ERR_VERDANT_HTTP_BODY_USED', 'A request cannot be cloned: its body can be read once');
  }

  static {
    Object.defineProperty(this.prototype, Symbol.toStringTag, { value: 'Request', configurable: true });
  }
}
