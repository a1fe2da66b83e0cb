import { type ConnectionOptions } from 'node:tls';
import { type Dispatcher } from 'undici';
import { type BlockingOptions, validateBlockingOptions } from '../../park';
import { invalidType, validateMilliseconds, validateObject } from '../../validate';

/** What limits the time of one request, beside `timeout` (all of it, the body included) and `signal`. */
export interface RequestLimits extends BlockingOptions {
  /** Milliseconds until there is a connection to send the request on, the wait for a free one included. Default: no limit. */
  connectTimeout?: number | undefined;
  /** Milliseconds from the last that was sent to the headers of the answer. Default: the client's, else 300,000. */
  headersTimeout?: number | undefined;
  /** Milliseconds that a piece of the answer's body may take, while it is waited for. Default: the client's, else 300,000. */
  bodyTimeout?: number | undefined;
}

/** See `HttpClient`. */
export interface HttpClientOptions {
  /** The most connections to one origin. Default: no limit. */
  connections?: number | undefined;
  /** The most requests sent on one connection before the first is answered. Default 1; 0 closes it after each request. */
  pipelining?: number | undefined;
  /** Milliseconds an idle connection is kept, if the server says nothing else. Default 4000. */
  keepAliveTimeout?: number | undefined;
  /** Milliseconds to make a connection, TLS included. Default 10,000; 0: no limit. */
  connectTimeout?: number | undefined;
  /** For requests that do not say. Default 300,000; 0: no limit. */
  headersTimeout?: number | undefined;
  /** For requests that do not say. Default 300,000; 0: no limit. */
  bodyTimeout?: number | undefined;
  /** The path of a Unix socket to connect to, whatever host the URL names. */
  socketPath?: string | undefined;
  /** As for `tls.connect`: `ca`, `cert`, `key`, `rejectUnauthorized`, `servername`, … */
  tls?: ConnectionOptions | undefined;
  /**
   * `'env'` (default): what `http_proxy`, `https_proxy` and `no_proxy` say (or the same in capitals) when the client is made;
   * a URL: that proxy; null: none.
   */
  proxy?: string | null | undefined;
  /** The address to connect from. */
  localAddress?: string | undefined;
  /** The most bytes of an answer's headers. Default: Node's, 16 KiB. */
  maxHeaderSize?: number | undefined;
  /** The most bytes of an answer's body, as sent. Default: no limit. */
  maxResponseSize?: number | undefined;
  /** Speak HTTP/2 to servers that offer it by TLS. Default false. */
  allowH2?: boolean | undefined;
}

const limits = ['connectTimeout', 'headersTimeout', 'bodyTimeout'] as const;

export function validateLimits(options: RequestLimits): void {
  validateObject(options, 'options');
  validateBlockingOptions(options);
  for (const name of limits) {
    if (options[name] !== undefined) validateMilliseconds(options[name], `options.${name}`);
  }
}

export function validateClientOptions(options: HttpClientOptions): void {
  validateLimits(options);
  const { proxy = null, tls } = options;
  if (proxy !== null && typeof proxy !== 'string') throw invalidType('options.proxy', "'env', a URL or null", proxy);
  if (tls !== undefined) validateObject(tls, 'options.tls');
}

/** Anything of undici's that dispatches requests. */
export function validateDispatcher(value: unknown): asserts value is Dispatcher {
  if (typeof (value as Partial<Dispatcher> | null)?.dispatch !== 'function') {
    throw invalidType('options.dispatcher', 'an undici Dispatcher', value);
  }
}
