import { type Address, type AddressLike } from '../../net/address';
import { listen } from '../../net/listen';
import { type Acceptor } from '../../net/serve';
import { invalidType, validateFunction } from '../../validate';
import { requireParser } from '../parser';
import { handleWith, type NodeHandler, type WebHandler } from './handle';
import { HttpServer } from './http_server';
import { type ServeOptions, settingsOf } from './options';

/** What a server listens on: a listener of `verdant/net` or `verdant/tls`, an address, or a port of all interfaces. */
export type ListenOn = ServerListener | AddressLike | number;

/** A listener of `verdant/net` or `verdant/tls`. */
export interface ServerListener extends Acceptor {
  /** Where it listens. */
  readonly address: Address;
  /** Ends it. */
  close(): void;
}

/**
 * Serves HTTP/1.0 and HTTP/1.1 on a listener: each request's handler runs on a green thread of its own and may block.
 * A connection that waits for its next request has no green thread. Does not block, and may be called anywhere.
 *
 * The handler returns the answer: a `Response`, verdant's or the web's, or just text or bytes. One with two parameters gets
 * `(request, response)` in the shapes of `node:http`. What a handler throws is answered by 500 (an `HttpError`: by its
 * status) if nothing was sent yet, and told to `onError`.
 * @param listener - from `listen`, or where to listen. It belongs to the server, which closes it
 * @param handler - see above
 * @param options - times, sizes, how many at a time, who is told of what
 * @returns the server, which has started
 * @throws `EADDRINUSE`, ... if it is to listen; `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`;
 * `ERR_VERDANT_UNSUPPORTED_RUNTIME` if this Node's HTTP parser is one that is not known
 * @example
 * ```ts
 * import { run, sleep } from 'verdant';
 * import { Response, serve } from 'verdant/http';
 *
 * await run(() => {
 *   const server = serve('127.0.0.1:0', (request) => {
 *     sleep(10); // others are served meanwhile
 *     return new Response(`You asked for ${request.path}`);
 *   });
 *   server.close({ timeout: 1000 });
 * });
 * ```
 */
export function serve(listener: ListenOn, handler: WebHandler, options?: ServeOptions): HttpServer;
/* eslint-disable @typescript-eslint/unified-signatures -- one signature would leave the parameters without a type */
/** As above, for a handler in the shape of `node:http`'s. */
export function serve(listener: ListenOn, handler: NodeHandler, options?: ServeOptions): HttpServer;
/** As above, for a handler that may be either. */
export function serve(listener: ListenOn, handler: WebHandler | NodeHandler, options?: ServeOptions): HttpServer;
/* eslint-enable @typescript-eslint/unified-signatures */
export function serve(listener: ListenOn, handler: WebHandler | NodeHandler, options: ServeOptions = {}): HttpServer {
  validateFunction(handler, 'handler');
  const settings = settingsOf(options);
  requireParser();
  return new HttpServer(listenerOf(listener), handleWith(handler), settings);
}

function listenerOf(given: ListenOn): ServerListener {
  if (typeof given === 'number') return listen({ port: given });
  if (typeof given === 'string') return listen(given);
  if (typeof given !== 'object' || given === null) throw invalidType('listener', 'a Listener or an address', given);
  return 'accept' in given ? given : listen(given);
}
