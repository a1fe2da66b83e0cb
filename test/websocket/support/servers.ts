// WebSocket servers for the tests: the same handler under node:http and under verdant/http.
import { createServer, type Server } from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';
import { wait } from 'verdant';
import { type AcceptOptions, type WebSocketCallback, webSocketHandler } from 'verdant/websocket';

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
export function startServer(callback: WebSocketCallback, options?: Omit<AcceptOptions, 'head'>): TestServer {
  return listenOn(createServer().on('upgrade', webSocketHandler(callback, options)));
}

/** Runs `use` with such a server, and closes it whatever happens. */
export function withServer<R>(
  callback: WebSocketCallback,
  use: (server: TestServer) => R,
  options?: Omit<AcceptOptions, 'head'>,
): R {
  const server = startServer(callback, options);
  try {
    return use(server);
  } finally {
    server.close();
  }
}
