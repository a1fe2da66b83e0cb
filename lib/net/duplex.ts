import { type Duplex } from 'node:stream';
import { FdStream } from './fd_stream';
import { FdTransport } from './fd_transport';
import { GreenStream } from './green_stream';
import { type Socket } from './socket';

/** A Node stream over a green socket. The stream owns the socket. */
export function toDuplex(socket: Socket): Duplex {
  const { transport } = socket;
  return transport instanceof FdTransport ? new FdStream(socket, transport) : new GreenStream(socket);
}
