import { type AddressLike } from '../net/address';
import { type ListenOptions as PlainOptions, listenWith } from '../net/listen';
import { validateObject } from '../validate';
import { TlsListener } from './tls_listener';
import { handshakeTimeoutOf, makeServer, type ServerOptions } from './wrap_tls';

/** What `listen` may be told: the options of `listen` of `verdant/net`, and those of Node's `tls.createServer`. */
export interface ListenOptions extends PlainOptions, Omit<ServerOptions, keyof PlainOptions> {}

/**
 * Listens for encrypted connections; see `listen` of `verdant/net`.
 * @param address - as for `listen` of `verdant/net`
 * @param options - `key` and `cert`, or `SNICallback`, `requestCert`, `ca`, `ALPNProtocols`, ... as for Node's `tls.createServer`;
 * `handshakeTimeout` in milliseconds, default 30,000; `backlog`, `reusePort`, `ipv6Only`
 * @returns the listener
 * @throws Node's error for wrong options; as `listen` of `verdant/net`
 */
export function listen(address: AddressLike, options: ListenOptions = {}): TlsListener {
  validateObject(options, 'options');
  const { backlog, reusePort, ipv6Only, noDelay, lookup, ...rest } = options;
  const timeout = handshakeTimeoutOf(rest);
  const server = makeServer(rest);
  return listenWith(
    address,
    { backlog, reusePort, ipv6Only, noDelay, lookup },
    (fd, unlink) => new TlsListener(fd, unlink, server, timeout),
  );
}
