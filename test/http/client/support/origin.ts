// A server of node:http for clients to talk to, which counts its connections; closed after each test.
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';
import { once } from 'node:events';
import * as certificates from '../../../support/certificates';

export interface Origin {
  url: string;
  port: number;
  server: NetServer;
  /** All that were ever made, in order. */
  connections: Socket[];
  /** Resolves when no connection is open any more. */
  quiet: () => Promise<void>;
}

const origins: Origin[] = [];

export function origin(listener: RequestListener, options: ServerOptions = {}): Promise<Origin> {
  return listening(createServer(options, listener), 'http');
}

export function secureOrigin(listener: RequestListener): Promise<Origin> {
  return listening(createSecureServer(certificates.server, listener), 'https');
}

/** One that speaks no HTTP but what `onConnection` says. */
export function rawOrigin(onConnection: (socket: Socket) => void): Promise<Origin> {
  return listening(createNetServer(onConnection), 'http');
}

async function listening(server: NetServer, protocol: string): Promise<Origin> {
  const connections: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    connections.push(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const closed = (socket: Socket): Promise<unknown> =>
    new Promise((resolve) => (socket.destroyed ? resolve(undefined) : socket.once('close', resolve)));
  const quiet = async (): Promise<void> => {
    await Promise.all(connections.map(closed));
  };
  const made = { url: `${protocol}://127.0.0.1:${port}`, port, server, connections, quiet };
  origins.push(made);
  return made;
}

/** For `afterEach`. */
export async function closeOrigins(): Promise<void> {
  for (const { server, connections } of origins.splice(0)) {
    const closed = new Promise((resolve) => server.close(resolve));
    (server as Partial<Server>).closeAllConnections?.();
    for (const socket of connections) socket.destroy();
    await closed;
  }
}
