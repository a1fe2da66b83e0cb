import { type IncomingHttpHeaders } from 'node:http';
import { type Dispatcher } from 'undici';
import { requireGreen } from '../../park';
import { invalidType, validateCount, validateObject } from '../../validate';
import { type RequestLimits, validateDispatcher, validateLimits } from './client_options';
import { getDefaultClient, HttpClient } from './http_client';
import { prepareBody, type RequestBody } from './request_body';
import { RequestExchange } from './request_exchange';
import { ResponseBody } from './response_body';
import { undici } from './undici';

/** Headers as a client may give them: an object (an array as a value stands for several headers), or pairs. */
export type RequestHeaders = Record<string, string | string[] | undefined> | Iterable<[string, string]>;

/** See {@link request}. */
export interface RequestOptions extends RequestLimits {
  /** Default GET. */
  method?: string | undefined;
  /** The request's headers. */
  headers?: RequestHeaders | undefined;
  /** What to send. */
  body?: RequestBody;
  /** Added to the URL's query. */
  query?: Record<string, unknown> | undefined;
  /** How many redirects to follow. Default 0: a redirect is an answer like any other. */
  maxRedirections?: number | undefined;
  /** Close the connection when the request is over. Default false. */
  reset?: boolean | undefined;
  /** Whose connections to use. Default: `getDefaultClient()`. */
  client?: HttpClient | undefined;
  /** In place of `client`, any Dispatcher of undici 7. */
  dispatcher?: Dispatcher | undefined;
}

/** What `request` gives. */
export class ClientResponse {
  /** The status. */
  readonly statusCode: number;
  /** What stands behind the status. */
  readonly statusText: string;
  /** The headers, by their names in lower case; what came several times is an array. */
  readonly headers: IncomingHttpHeaders;
  /** The body: to be read, dumped or cancelled, for the connection is busy until then. */
  readonly body: ResponseBody;
  readonly #exchange: RequestExchange;

  /** @internal */
  constructor(exchange: RequestExchange, { statusCode, statusText, headers }: NonNullable<RequestExchange['head']>) {
    this.#exchange = exchange;
    this.statusCode = statusCode;
    this.statusText = statusText;
    this.headers = headers;
    this.body = new ResponseBody(exchange);
  }

  /** What came behind the body; empty until the body has been read. */
  get trailers(): IncomingHttpHeaders {
    return this.#exchange.trailers;
  }

  /** Cancels the body. For `using`. */
  [Symbol.dispose](): void {
    this.body.cancel();
  }
}

/**
 * Sends an HTTP request and blocks the calling green thread until the head of the answer is there. Less than `fetch`, and
 * several times as fast: nothing is decoded, redirects are followed only if asked for, and a body is what came.
 *
 * Unblocked by the answer, by an error, by `timeout`, `signal` and the other limits, by a kill. Interrupted in any way it
 * closes the connection at once; a connection that nobody else waits for is not made.
 * @param url - `http:` or `https:`
 * @param options - the request, its limits, whose connections to use
 * @throws TypeError `ERR_INVALID_URL`, `ERR_INVALID_PROTOCOL`, `ERR_INVALID_ARG_TYPE`; `ERR_VERDANT_TIMEOUT`; the signal's
 * reason; errors of the system (`ECONNREFUSED`, `ENOTFOUND`), of TLS, and undici's (`UND_ERR_SOCKET`: the connection broke); what
 * the body's iterable throws; `ERR_VERDANT_NOT_GREEN`
 * @example
 * ```ts
 * import { run } from 'verdant';
 * import { request, serve } from 'verdant/http';
 *
 * await run(() => {
 *   const server = serve('127.0.0.1:0', (asked) => `got ${asked.text()}`);
 *   function* words() { yield 'some '; yield 'words'; } // may block
 *   const { statusCode, body } = request(`http://127.0.0.1:${server.address.port}/`, { method: 'POST', body: words() });
 *   console.log(statusCode, body.text()); // 200 got some words
 *   server.close();
 * });
 * ```
 */
export function request(url: string | URL, options: RequestOptions = {}): ClientResponse {
  validateLimits(options);
  const { origin, pathname, search } = parse(url, options.query);
  requireGreen('request()', "use undici's request");
  const { method = 'GET', reset, maxRedirections = 0, headers } = options;
  if (typeof method !== 'string') throw invalidType('options.method', 'of type string', method);
  validateCount(maxRedirections, 'options.maxRedirections');
  const { client, dispatcher } = chooseClient(options);
  const { body, upload, type } = prepareBody(options.body, false);
  const exchange = new RequestExchange({ ...options, call: 'request()', client, dispatcher, upload });
  const dispatchOptions = {
    origin,
    path: `${pathname}${search}`,
    method: method.toUpperCase(),
    body: body as Dispatcher.DispatchOptions['body'],
    headers: flatten(headers, type),
    ...(reset !== undefined && { reset }),
    maxRedirections,
  };
  try {
    exchange.dispatch(dispatchOptions, dispatchOf(dispatcher, maxRedirections));
    return new ClientResponse(exchange, exchange.waitForHead());
  } catch (error) {
    exchange.abort(error);
    throw error;
  }
}

/** Whose connections a request uses. */
export function chooseClient(options: { client?: HttpClient | undefined; dispatcher?: unknown }): {
  client: HttpClient | null;
  dispatcher: Dispatcher;
} {
  const { client, dispatcher } = options;
  if (dispatcher !== undefined) {
    if (client !== undefined) throw invalidType('options', 'without a client if it has a dispatcher', client);
    validateDispatcher(dispatcher);
    return { client: null, dispatcher };
  }
  if (client !== undefined && !(client instanceof HttpClient)) {
    throw invalidType('options.client', 'an HttpClient', client);
  }
  const used = client ?? getDefaultClient();
  return { client: used, dispatcher: used.ownDispatcher };
}

function dispatchOf(dispatcher: Dispatcher, maxRedirections: number): Dispatcher.Dispatch {
  const dispatch = dispatcher.dispatch.bind(dispatcher);
  return maxRedirections === 0 ? dispatch : undici().interceptors.redirect({ maxRedirections })(dispatch);
}

function parse(url: string | URL, query: RequestOptions['query']): URL {
  const parsed = new URL(url);
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    const error = new TypeError(`Protocol "${parsed.protocol}" not supported. Expected "http:" or "https:"`);
    throw Object.assign(error, { code: 'ERR_INVALID_PROTOCOL' });
  }
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const each of Array.isArray(value) ? value : [value]) parsed.searchParams.append(name, String(each));
  }
  return parsed;
}

// As undici likes it best: names and values in turn.
function flatten(headers: RequestHeaders | undefined, type: string | null): string[] {
  if (headers !== undefined) validateObject(headers, 'options.headers');
  const pairs = headers === undefined ? [] : Symbol.iterator in headers ? headers : Object.entries(headers);
  const flat: unknown[] = [];
  let typed = type === null;
  for (const [name, value] of pairs) {
    if (!typed && name.toLowerCase() === 'content-type') typed = true;
    if (value !== undefined) flat.push(name, value);
  }
  if (!typed) flat.push('content-type', type);
  return flat as string[];
}
