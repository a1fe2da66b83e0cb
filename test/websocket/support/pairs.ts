// Both ends of a WebSocket connection, as the library's own.
import { Event } from 'verdant';
import { connect, type ConnectOptions, type WebSocket, type WebSocketOptions } from 'verdant/websocket';
import { passes } from '../../support/every_hub';
import { withServer } from './servers';

export interface PairOptions {
  server?: WebSocketOptions;
  client?: ConnectOptions;
}

/** Runs `use` with two connected ends, and ends the connection whatever happens. */
export function withPair<R>(use: (client: WebSocket, server: WebSocket) => R, options: PairOptions = {}): R {
  const accepted = new Event<WebSocket>();
  const done = new Event<null>();
  return withServer(
    (ws) => {
      accepted.send(ws);
      done.wait();
    },
    ({ url }) => {
      const client = connect(url, options.client);
      const server = accepted.wait({ timeout: 5000 });
      try {
        return use(client, server);
      } finally {
        client.terminate();
        server.terminate();
        done.send(null);
        client.join();
        server.join();
      }
    },
    options.server,
  );
}

/** Sends until a send would wait; gives how many messages that took. */
export function fill(ws: WebSocket, message = Buffer.alloc(65_536, 'f')): number {
  for (let count = 0; ; count += 1) {
    try {
      ws.send(message, { timeout: 20, compress: false });
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_VERDANT_TIMEOUT') throw error;
      // A busy machine makes a timer fire before what has long come is looked at.
      const before = ws.bufferedAmount;
      passes(20);
      if (ws.bufferedAmount === before) return count;
      count -= 1;
    }
  }
}

export const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

/** The code of what `call` throws; null if it does not. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
    return null;
  } catch (error) {
    return codeOf(error) ?? error;
  }
}
