/**
 * TLS on green sockets, by `node:tls`. The handshake takes place on the connection's own green thread.
 * @packageDocumentation
 */
export { connect, type ConnectOptions } from './connect';
export { HandshakeError } from './handshake_error';
export { listen, type ListenOptions } from './listen';
export { TlsListener, type TlsListenerStats } from './tls_listener';
export { TlsSocket } from './tls_socket';
export {
  type ClientOptions,
  type HandshakeOptions,
  type ServerOptions,
  type WrapClientOptions,
  type WrapOptions,
  type WrapServerOptions,
  wrapTls,
} from './wrap_tls';
