import { Socket as NetSocket } from 'node:net';
import { type Duplex } from 'node:stream';
import { ClosedError } from '../errors';
import { FdTransport, isInet } from '../net/fd_transport';
import { Socket } from '../net/socket';
import { overStream, StreamTransport } from '../net/stream_transport';
import { type Transport } from '../net/transport';
import { native } from '../realm';
import { systemError } from '../system_error';

/** A connection that has changed hands, and what its former owner had received and not looked at. */
export interface Plain {
  readonly transport: Transport;
  readonly received: Buffer;
}

/** Takes the connection away from a socket, which is closed then. */
export function takeOver(socket: Socket): Plain {
  if (socket.closed) throw new ClosedError('wrapTls(): the socket is closed');
  const { transport } = socket;
  const received = socket.takeReceived();
  if (transport instanceof StreamTransport) return { transport: overStream(transport.detach()), received };
  if (!(transport instanceof FdTransport)) {
    return { transport: overStream(socket.toDuplex()), received }; // TLS inside of TLS
  }
  const fd = transport.detach();
  const error = native.adoptSocket(fd);
  if (error < 0) throw systemError(error, 'fcntl');
  return { transport: new FdTransport(fd, isInet(fd)), received };
}

/** The same as a Node stream, for node:tls to read and write. */
export function toPlainStream({ transport, received }: Plain): Duplex {
  const stream = streamOf(transport);
  // node:tls does as this stream does, and one that stays half open would wait for ever for a peer that has left during
  // the handshake. Once that is done, both directions end separately.
  stream.allowHalfOpen = false;
  if (received.byteLength > 0) stream.unshift(received);
  return stream;
}

function streamOf(transport: Transport): Duplex {
  if (transport instanceof StreamTransport) return transport.detach();
  if (transport instanceof FdTransport) {
    return new NetSocket({ fd: transport.detach(), readable: true, writable: true });
  }
  return new Socket(transport).toDuplex();
}
