// WebSocket servers for the tests: the same handler under node:http and under verdant/http.
import { createServer, type Server } from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';
import { wait } from 'verdant';
import { serve } from 'verdant/http';
import { type AcceptOptions, type UpgradeRequest, type WebSocket, webSocketHandler } from 'verdant/websocket';

type Callback = (ws: WebSocket, request: UpgradeRequest) => unknown;

export interface TestServer {
  port: number;
  url: string;
  /** Cuts what is still open. */
  close(): void;
}

/** Has a server of Node's listen on 127.0.0.1. */
export function listenOn(server: Server): TestServer {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  wait(new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `ws://127.0.0.1:${port}`,
    close: () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      wait(closed);
    },
  };
}

/** Serves WebSockets on the upgrade event of a server of Node's. */
export function startNodeServer(callback: Callback, options?: Omit<AcceptOptions, 'head'>): TestServer {
  return listenOn(createServer().on('upgrade', webSocketHandler(callback, options)));
}

/** Serves WebSockets on a server of verdant's. */
export function startGreenServer(callback: Callback, options?: Omit<AcceptOptions, 'head'>): TestServer {
  const server = serve('127.0.0.1:0', webSocketHandler(callback, options));
  const { port } = server.address;
  return { port, url: `ws://127.0.0.1:${port}`, close: () => void server.close({ timeout: 0 }) };
}

/** Both kinds, by name. */
export const everyServer: [string, typeof startGreenServer][] = [
  ['verdant/http', startGreenServer],
  ['node:http', startNodeServer],
];

/** Runs `use` with a server of verdant's, and closes it whatever happens. */
export function withServer<R>(
  callback: Callback,
  use: (server: TestServer) => R,
  options?: Omit<AcceptOptions, 'head'>,
  start = startGreenServer,
): R {
  const server = start(callback, options);
  try {
    return use(server);
  } finally {
    server.close();
  }
}
