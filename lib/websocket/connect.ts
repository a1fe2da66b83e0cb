import { type ClientRequest, type IncomingMessage } from 'node:http';
import { nextTick } from 'node:process';
import { type Duplex } from 'node:stream';
import { WebSocket as Wire } from 'ws';
import { type Lookup } from '../dns/lookup';
import { type GreenThread } from '../green_thread';
import { connect as connectPlain } from '../net/connect';
import { type Socket } from '../net/socket';
import { type BlockingOptions, park, requireGreen, validateBlockingOptions, type Waker } from '../park';
import { beginIo } from '../readiness';
import { spawn } from '../spawn';
import { connect as connectTls, type ConnectOptions as TlsOptions } from '../tls/connect';
import { invalidType, outOfRange, validateCount, validateObject } from '../validate';
import { WebSocketHandshakeError } from './errors';
import { compressionOf, type Limits, limitsOf, type WebSocketOptions } from './limits';
import { WebSocket } from './web_socket';

const call = 'connect()';

/** What `connect` may be told. `timeout` and `signal` are for the opening handshake, with all that it takes. */
export interface ConnectOptions extends WebSocketOptions, BlockingOptions {
  /** The subprotocols that are offered, best first. If there are any, the server must agree on one. */
  protocols?: string | readonly string[] | undefined;
  /** More headers for the request: `Cookie`, `Authorization`. */
  headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** The request's `Origin`, as a browser would send it. */
  origin?: string | undefined;
  /** How many redirects are followed; default 0. Cookies and credentials are not told to another host. */
  maxRedirects?: number | undefined;
  /** For `wss:` what `verdant/tls`'s `connect` takes: `ca`, `cert`, `key`, `servername`, `rejectUnauthorized`, ... */
  tls?: Omit<TlsOptions, keyof BlockingOptions> | undefined;
  /** Only addresses of this family. */
  family?: 4 | 6 | undefined;
  /** The numeric address to connect from. */
  localAddress?: string | undefined;
  /** What finds the addresses of a name; default `lookupAll` of `verdant/dns`. */
  lookup?: Lookup | undefined;
}

/**
 * Connects to a WebSocket server, and waits for the opening handshake.
 * @param url - `ws:` or `wss:` (or `http:`, `https:`); `ws+unix:/path/of/socket:/path?query` for a Unix socket
 * @param options - `timeout` in milliseconds for all of it, `signal`; `protocols`, `headers`, `origin`, `maxRedirects`, `tls`;
 * limits: `maxPayload`, `maxQueued`, ...; `compression`; `heartbeat`
 * @returns the connection
 * @throws `ERR_VERDANT_WEBSOCKET_HANDSHAKE` when the server has answered otherwise (`status`, `headers`); what `connect` of
 * `verdant/net` or `verdant/tls` throws; `ERR_VERDANT_TIMEOUT`; the signal's reason; `ERR_VERDANT_NOT_GREEN`;
 * `ERR_INVALID_URL`, `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`. What is interrupted leaves nothing behind
 * @example
 * ```ts
 * import { run } from 'verdant';
 * import { connect } from 'verdant/websocket';
 *
 * await run(() => {
 *   try {
 *     connect('ws://127.0.0.1:1/', { timeout: 1000 });
 *   } catch (error) {
 *     console.log(error.code); // ECONNREFUSED
 *   }
 * });
 * ```
 */
export function connect(url: string | URL, options: ConnectOptions = {}): WebSocket {
  const target = checkUrl(url);
  const limits = checkOptions(options);
  requireGreen(call);
  beginIo(call, options);
  const { timeout, signal } = options;
  return park(call, {
    timeout,
    signal,
    // A kill that comes when the handshake is done comes too late to close it: the caller has it, and is killed later.
    keeps: true,
    subscribe: (waker) => {
      const attempt = new Attempt(target, options, limits, waker);
      return () => attempt.letGo();
    },
  }) as WebSocket;
}

/** One opening handshake, redirects included: node:http's and the library's, over green sockets. */
class Attempt {
  readonly #options: ConnectOptions;
  readonly #limits: Limits;
  readonly #waker: Waker;
  readonly #wire: Wire;
  #connecting: GreenThread<Socket> | null = null;
  #stream: Duplex | null = null;
  #done = false;

  constructor(url: URL, options: ConnectOptions, limits: Limits, waker: Waker) {
    this.#options = options;
    this.#limits = limits;
    this.#waker = waker;
    const { protocols = [], headers, origin, maxRedirects = 0 } = options;
    const wire = new Wire(url, [protocols].flat(), {
      headers: headers as Record<string, string> | undefined,
      origin,
      followRedirects: maxRedirects > 0,
      maxRedirects,
      maxPayload: limits.maxPayload,
      perMessageDeflate: compressionOf(options),
      createConnection: this.#connect as never,
      // Not in the types of `ws` yet.
      ...{ closeTimeout: limits.closeTimeout },
    });
    this.#wire = wire;
    wire.on('open', this.#onOpen);
    wire.on('unexpected-response', this.#onResponse);
    // Also what it says when it is given up, of which nobody needs to hear.
    wire.on('error', this.#onError);
  }

  /** The wait is over, however it ended. */
  letGo(): void {
    if (this.#done) return;
    this.#done = true;
    this.#connecting?.kill();
    this.#wire.terminate();
    this.#stream?.destroy();
  }

  readonly #onOpen = (): void => {
    const wire = this.#wire;
    this.#done = true;
    wire.off('open', this.#onOpen);
    wire.off('unexpected-response', this.#onResponse);
    wire.off('error', this.#onError);
    this.#waker.wake(new WebSocket(wire, this.#stream!, this.#limits, wire.url));
  };

  readonly #onError = (error: Error): void => {
    this.#waker.fail(
      isHandshakes(error) ? new WebSocketHandshakeError(error.message, undefined, {}, { cause: error }) : error,
    );
  };

  readonly #onResponse = (_request: ClientRequest, response: IncomingMessage): void => {
    const { statusCode, headers } = response;
    this.#waker.fail(new WebSocketHandshakeError(`The server has answered ${statusCode}`, statusCode, headers));
    this.letGo();
  };

  // Called by node:http, on its own stack; `connected` is told there, too.
  readonly #connect = (
    where: { host: string; port: number | string; socketPath?: string; defaultPort?: number },
    connected: (error: Error | null, stream?: Duplex) => void,
  ): undefined => {
    const { host, port, socketPath } = where;
    const address = socketPath === undefined ? { host, port: Number(port) } : { path: socketPath };
    const { tls, family, localAddress, lookup } = this.#options;
    const thread = spawn({ name: 'websocket connect' }, () =>
      // This may be a redirect, from either kind to the other.
      this.#wire.url.startsWith('wss:')
        ? connectTls(address, { ...tls, family, localAddress, lookup })
        : connectPlain(address, { family, localAddress, lookup }),
    );
    this.#connecting = thread;
    thread.onEnd(() => {
      this.#connecting = null;
      if (thread.state === 'done' && this.#done) thread.value!.close();
      if (this.#done) return;
      const stream = thread.state === 'done' ? thread.value!.toDuplex() : null;
      this.#stream = stream;
      nextTick(() => {
        if (stream === null) connected(thread.error as Error);
        else connected(null, stream);
      });
    });
  };
}

/** Errors that `ws` makes have no code; those of sockets, TLS and HTTP have one. */
function isHandshakes(error: Error): boolean {
  return (error as { code?: unknown }).code === undefined;
}

function checkUrl(url: string | URL): URL {
  const parsed = new URL(url);
  const { protocol, pathname, hash } = parsed;
  if (!/^(ws|wss|http|https|ws\+unix):$/.test(protocol)) {
    throw invalidType('url', "a URL with 'ws:', 'wss:', 'http:', 'https:' or 'ws+unix:'", String(url));
  }
  if (protocol === 'ws+unix:' && pathname === '') {
    throw invalidType('url', 'a URL with the path of a socket', String(url));
  }
  if (hash !== '') throw invalidType('url', 'a URL without a fragment', String(url));
  return parsed;
}

function checkOptions(options: ConnectOptions): Limits {
  validateBlockingOptions(options);
  const { protocols, origin, maxRedirects, tls, headers } = options;
  const offered = protocols === undefined ? [] : [protocols].flat();
  for (const name of offered as unknown[]) {
    if (typeof name !== 'string' || !/^[!#$%&'*+\-.0-9A-Z^_`|a-z~]+$/.test(name)) {
      throw invalidType('options.protocols', 'a token or an array of tokens', protocols);
    }
  }
  if (new Set(offered).size < offered.length) {
    throw outOfRange('options.protocols', 'different from each other', protocols);
  }
  if (origin !== undefined && typeof origin !== 'string') throw invalidType('options.origin', 'of type string', origin);
  if (maxRedirects !== undefined) validateCount(maxRedirects, 'options.maxRedirects');
  if (tls !== undefined) validateObject(tls, 'options.tls');
  if (headers !== undefined) validateObject(headers, 'options.headers');
  return limitsOf(options);
}
