/**
 * Green sockets: TCP, Unix, UDP. Blocking-style calls that suspend only the calling green thread.
 * @packageDocumentation
 */
export { type Address, type AddressLike } from './address';
export { connect, type ConnectOptions } from './connect';
export { type Datagram, type DatagramOptions, DatagramSocket } from './datagram';
export { listen, type ListenOptions } from './listen';
export { Listener } from './listener';
export { type Acceptor, type Handler, serve, type ServeOptions, StopServe } from './serve';
export { type LineOptions, type Sendable, Socket } from './socket';
export { socketPair } from './socket_pair';
