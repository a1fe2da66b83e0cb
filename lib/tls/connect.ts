import { type AddressLike, parseTarget } from '../net/address';
import { connect as connectPlain, type ConnectOptions as PlainOptions } from '../net/connect';
import { perWait } from '../deadline';
import { type TlsSocket } from './tls_socket';
import { type ClientOptions, wrapTls } from './wrap_tls';

/** What `connect` may be told: the options of `net.connect` here, and those of Node's `tls.connect`. */
export interface ConnectOptions extends PlainOptions, Omit<ClientOptions, keyof PlainOptions> {}

/**
 * Connects to a server, and performs the handshake. The server's certificate must be trusted, and be for `host`.
 * @param address - as for `connect` of `verdant/net`
 * @param options - `timeout` in milliseconds for all of it, `signal`; `ca`, `servername`, `ALPNProtocols`, `cert`, `key`,
 * `session`, `rejectUnauthorized`, ... as for Node's `tls.connect`; `host`: whose certificate to expect, if not that of the
 * host in `address`; `onSession`, `handshakeTimeout`
 * @returns the encrypted connection
 * @throws as `connect` of `verdant/net` and as `TlsSocket.handshake`
 * @example
 * ```ts
 * import { run } from 'verdant';
 * import { listen } from 'verdant/net';
 * import { connect } from 'verdant/tls';
 *
 * await run(() => {
 *   const silent = listen('127.0.0.1:0'); // it never shakes hands
 *   try {
 *     connect(silent.address, { timeout: 50 });
 *   } catch (error) {
 *     console.log(error.code); // ERR_VERDANT_TIMEOUT
 *   }
 *   silent.close();
 * });
 * ```
 */
export function connect(address: AddressLike, options: ConnectOptions = {}): TlsSocket {
  const { timeout, signal, family, localAddress, localPort, noDelay, lookup, ...rest } = options;
  const nextOptions = perWait({ timeout, signal });
  const plain = connectPlain(address, { ...nextOptions(), family, localAddress, localPort, noDelay, lookup });
  let done = false;
  let socket: TlsSocket | null = null;
  try {
    socket = wrapTls(plain, { ...rest, host: rest.host ?? hostOf(address), isServer: false });
    socket.handshake(nextOptions());
    done = true;
    return socket;
  } finally {
    if (!done) (socket ?? plain).close({ reset: true });
  }
}

function hostOf(address: AddressLike): string | undefined {
  const target = parseTarget(address);
  return target.kind === 'inet' ? (target.host ?? 'localhost') : undefined;
}
