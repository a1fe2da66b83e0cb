import { type Dispatcher, type RequestInit } from 'undici';
import { wait } from '../../bridge/wait';
import { requireGreen } from '../../park';
import { validateCount } from '../../validate';
import { type RequestLimits, validateLimits } from './client_options';
import { FetchExchange } from './fetch_exchange';
import { FetchResponse } from './fetch_response';
import { type HttpClient } from './http_client';
import { chooseClient, type RequestHeaders } from './request';
import { prepareBody, type RequestBody } from './request_body';
import { undici } from './undici';

/** See {@link fetch}: what the web's `fetch` takes, and more. */
export interface FetchOptions extends RequestLimits {
  /** Default GET. */
  method?: string | undefined;
  /** The request's headers. */
  headers?: RequestHeaders | Headers | undefined;
  /** What to send. */
  body?: RequestBody;
  /** What to do with a redirect: `'follow'` it (default), take it for an `'error'`, or give it as it is (`'manual'`). */
  redirect?: 'follow' | 'error' | 'manual' | undefined;
  /** How many redirects to follow. Default 20, which is also the most. */
  maxRedirections?: number | undefined;
  /** As on the web. */
  integrity?: string | undefined;
  /** As on the web. */
  referrer?: string | undefined;
  /** As on the web. */
  referrerPolicy?: RequestInit['referrerPolicy'];
  /** As on the web. */
  credentials?: RequestInit['credentials'];
  /** As on the web. */
  mode?: RequestInit['mode'];
  /** As on the web; there is no cache. */
  cache?: RequestInit['cache'];
  /** As on the web. */
  keepalive?: boolean | undefined;
  /** As on the web; bodies are streamed either way. */
  duplex?: 'half' | undefined;
  /** Whose connections to use. Default: `getDefaultClient()`. */
  client?: HttpClient | undefined;
  /** In place of `client`, any Dispatcher of undici 7. */
  dispatcher?: Dispatcher | undefined;
}

/** The most redirects that fetch follows by its standard. */
const standardRedirections = 20;

/**
 * The web's `fetch` in blocking style: sends a request, and blocks the calling green thread until the head of the answer is
 * there. Follows redirects, decodes gzip, deflate, br and (where Node has it) zstd. It is undici's, of the same version on every
 * Node; what is different from the web is that it blocks, has timeouts, and takes any iterable for a body.
 *
 * Unblocked by the answer, by an error, by `timeout`, `signal` and the other limits, by a kill. Interrupted in any way it
 * closes the connection at once; a connection that nobody else waits for is not made. `timeout` and `signal` go on to hold for
 * the body.
 * @param input - a URL, or the web's Request
 * @param init - as on the web, and `timeout`, `connectTimeout`, `headersTimeout`, `bodyTimeout`, `client`
 * @throws TypeError `ERR_INVALID_URL`, `ERR_INVALID_ARG_TYPE`; TypeError "fetch failed", whose `cause` and `code` say why
 * (`ECONNREFUSED`, `ENOTFOUND`, `UND_ERR_SOCKET`, `ERR_VERDANT_HTTP_TOO_MANY_REDIRECTS`, TLS's codes); `ERR_VERDANT_TIMEOUT`; the
 * signal's reason; what the body's iterable throws; `ERR_VERDANT_NOT_GREEN`
 * @example
 * ```ts
 * import { run } from 'verdant';
 * import { fetch, Response, serve } from 'verdant/http';
 *
 * await run(() => {
 *   const server = serve('127.0.0.1:0', (request) => Response.json({ path: request.path }));
 *   const response = fetch(`http://127.0.0.1:${server.address.port}/news`, { timeout: 1000 });
 *   console.log(response.status, response.json().path); // 200 /news
 *   server.close();
 * });
 * ```
 */
export function fetch(input: string | URL | Request, init: FetchOptions = {}): FetchResponse {
  validateLimits(init);
  const { url, given } = takeApart(input, init);
  requireGreen('fetch()', 'use the global fetch');
  const { timeout, signal, connectTimeout, headersTimeout, bodyTimeout, maxRedirections, ...rest } = given;
  if (maxRedirections !== undefined) validateCount(maxRedirections, 'init.maxRedirections');
  const { client, dispatcher } = chooseClient(rest);
  const { body, upload } = prepareBody(rest.body, true);
  const exchange = new FetchExchange(
    { call: 'fetch()', timeout, signal, connectTimeout, headersTimeout, bodyTimeout, client, dispatcher, upload },
    maxRedirections ?? standardRedirections,
  );
  try {
    const init = { ...rest, body, signal: exchange.controller.signal, dispatcher: exchange.dispatcher, duplex: 'half' };
    return new FetchResponse(exchange, wait(undici().fetch(url, init as RequestInit)));
  } catch (error) {
    const thrown = exchange.thrown(error);
    exchange.abort(thrown);
    throw thrown;
  }
}

// The global Request is that of Node's own undici, and ours knows no others than its own.
function takeApart(input: string | URL | Request, init: FetchOptions): { url: string; given: FetchOptions } {
  if (typeof input !== 'object' || !('method' in input)) return { url: new URL(input).href, given: init };
  const { url, method, headers, body, signal, redirect, integrity, referrer, credentials, keepalive } = input;
  const own = {
    method,
    headers,
    body: body as RequestBody,
    signal,
    redirect,
    integrity,
    referrer,
    credentials,
    keepalive,
  };
  return { url, given: { ...own, ...init } };
}
