// WebSocket servers for the tests: the same handler under node:http and under verdant/http.
import { createServer } from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';
import { wait } from 'verdant';
import { type AcceptOptions, type WebSocketCallback, webSocketHandler } from 'verdant/websocket';

export interface TestServer {
  port: number;
  url: string;
  /** Cuts what is still open. */
  close(): void;
}

/** Serves WebSockets, on 127.0.0.1, on the upgrade event of a server of Node's. */
export function startServer(callback: WebSocketCallback, options?: Omit<AcceptOptions, 'head'>): TestServer {
  const server = createServer();
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', webSocketHandler(callback, options));
  wait(new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `ws://127.0.0.1:${port}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      wait(new Promise((resolve) => server.close(resolve)));
    },
  };
}
