import { isIP } from 'node:net';
import { type ConnectionOptions, createServer, type Server, type TlsOptions } from 'node:tls';
import { Socket } from '../net/socket';
import { invalidType, validateFunction, validateMilliseconds, validateObject } from '../validate';
import { asClient, asServer, type StartHandshake } from './start_handshake';
import { takeOver } from './take_over';
import { TlsSocket } from './tls_socket';
import { TlsTransport } from './tls_transport';

/** How long a handshake may take unless you say otherwise, in milliseconds. Node's own 120 s let idle clients pile up. */
const defaultHandshakeTimeout = 30_000;

/** What client and server may be told about the handshake. */
export interface HandshakeOptions {
  /** The longest that the whole handshake may take, in milliseconds; default 30,000. */
  handshakeTimeout?: number | undefined;
}

/** What a client may be told: Node's options of `tls.connect`, except for those about where to connect. */
export interface ClientOptions
  extends
    HandshakeOptions,
    Omit<ConnectionOptions, 'socket' | 'path' | 'port' | 'lookup' | 'timeout' | 'allowHalfOpen'> {
  /** The name (or address) that the server's certificate must be for; default: `servername`, or the address of the server. */
  host?: string | undefined;
  /** Given each session as the server sends it: what a later connection may be given as `session`. */
  onSession?: ((session: Buffer) => void) | undefined;
}

/** What a server may be told: Node's options of `tls.createServer`. */
export interface ServerOptions extends Omit<TlsOptions, 'handshakeTimeout'>, HandshakeOptions {}

/** What `wrapTls` may be told to be a client. */
export interface WrapClientOptions extends ClientOptions {
  /** False (default): this end is the client. */
  isServer?: false | undefined;
}

/** What `wrapTls` may be told to be a server. */
export interface WrapServerOptions extends ServerOptions {
  /** True: this end is the server. */
  isServer: true;
}

/** What `wrapTls` may be told. */
export type WrapOptions = WrapClientOptions | WrapServerOptions;

/**
 * Encrypts a connection that is open already. The socket is taken over: it is closed afterwards, and what it had received
 * and nobody has asked for is the beginning of the handshake. Does not block, and may be called anywhere; the handshake
 * takes place at the first read or write, or at `handshake()`.
 * @param socket - any green socket, also a TLS one
 * @param options - `isServer`; for a client those of `tls.connect`, for a server those of `tls.createServer`, which are read
 * once: give the same object for each connection; `handshakeTimeout`
 * @returns the encrypted connection
 * @throws `ERR_VERDANT_CLOSED`; Node's error for wrong options
 */
export function wrapTls(socket: Socket, options: WrapOptions = {}): TlsSocket {
  if (!(socket instanceof Socket)) throw invalidType('socket', 'a Socket', socket);
  validateObject(options, 'options');
  const timeout = handshakeTimeoutOf(options);
  const start = options.isServer === true ? asServer(serverOf(options)) : clientStart(socket, options);
  return new TlsSocket(new TlsTransport(takeOver(socket), start, timeout));
}

function clientStart(socket: Socket, options: ClientOptions): StartHandshake {
  const { handshakeTimeout: _, onSession, ...rest } = options;
  if (onSession !== undefined) validateFunction(onSession, 'options.onSession');
  const host = options.host ?? options.servername ?? socket.remoteAddress?.host;
  // A name is told to the server, so that it can choose its certificate; an address must not be.
  const named = host !== undefined && host !== '' && isIP(host) === 0;
  const servername = options.servername ?? (named ? host : undefined);
  return asClient({ ...rest, host, ...(servername === undefined ? {} : { servername }) }, onSession);
}

const servers = new WeakMap<object, Server>();

/** A server that listens nowhere; making one is expensive, and it has the keys of the sessions that it lets resume. */
function serverOf(options: ServerOptions): Server {
  let server = servers.get(options);
  if (server === undefined) servers.set(options, (server = makeServer(options)));
  return server;
}

export function makeServer(options: ServerOptions): Server {
  // Node's timeout is begun anew by every byte; ours is for the whole handshake.
  return createServer({ ...options, handshakeTimeout: 0 });
}

export function handshakeTimeoutOf({ handshakeTimeout = defaultHandshakeTimeout }: HandshakeOptions): number {
  validateMilliseconds(handshakeTimeout, 'options.handshakeTimeout');
  return handshakeTimeout;
}
