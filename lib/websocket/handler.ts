import { type Duplex } from 'node:stream';
import { isThenable, wait } from '../bridge/wait';
import { isGreenExit } from '../errors';
import { type Request } from '../http/request';
import { spawn } from '../spawn';
import { validateFunction } from '../validate';
import { accept, type AcceptOptions } from './accept';
import { WebSocketHandshakeError } from './errors';
import { closeCodes } from './protocol';
import { type UpgradeRequest } from './upgrade_request';
import { type WebSocket } from './web_socket';

/** Talks to one client, on a green thread of its own. The connection is closed when it is done. */
export type WebSocketCallback<R extends UpgradeRequest = Request> = (ws: WebSocket, request: R) => unknown;

/**
 * A handler of `verdant/http`, which runs on the request's green thread; or, called with two more arguments, a listener to the
 * `'upgrade'` event of `node:http`, which gives each connection a green thread.
 */
export type WebSocketHandler = (request: UpgradeRequest, ...upgrade: [socket?: Duplex, head?: Buffer]) => undefined;

/**
 * A handler that accepts WebSockets and nothing else, for a server of `verdant/http` or for the `'upgrade'` event of one of
 * `node:http`. Others than WebSocket clients are answered by 400, 403, 405 or 426.
 *
 * When `callback` returns, the connection is closed with 1000; when it throws, with 1011; when it is killed, with 1001. What it throws
 * goes on to the server's error hook, or with `node:http` to Node as an unhandled rejection; but not what `receive` or `send` has
 * thrown because the client has gone or broken the protocol: that is not the callback's failure.
 * @param callback - gets the connection and the request; may block, or return a promise
 * @param options - as for `accept`, without `head`
 * @returns the handler
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { run } from 'verdant';
 * import { connect, webSocketHandler } from 'verdant/websocket';
 *
 * const echo = webSocketHandler((ws) => {
 *   for (const message of ws) ws.send(message);
 * }, { maxPayload: 65_536 });
 *
 * const server = createServer().on('upgrade', echo);
 * await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
 * await run(() => {
 *   using ws = connect(`ws://127.0.0.1:${server.address().port}/`);
 *   ws.send('hello');
 *   console.log(ws.receive()); // hello
 * });
 * server.close();
 * ```
 */
export function webSocketHandler<R extends UpgradeRequest = Request>(
  callback: WebSocketCallback<R>,
  options: Omit<AcceptOptions, 'head'> = {},
): WebSocketHandler {
  validateFunction(callback, 'callback');
  return (request, ...[, head]) => {
    const ws = tryAccept(request, { ...options, head });
    if (ws === null) return;
    if (head === undefined) {
      converse(ws, request as R, callback);
      return;
    }
    const thread = spawn({ name: 'websocket' }, () => converse(ws, request as R, callback));
    // It may be killed before it has begun.
    thread.onCleanup(() => ws.close());
  };
}

// Null when the client was refused: it has its answer, and nobody else needs to hear of it.
function tryAccept(request: UpgradeRequest, options: AcceptOptions): WebSocket | null {
  try {
    return accept(request, options);
  } catch (error) {
    if (!(error instanceof WebSocketHandshakeError)) throw error;
    return null;
  }
}

function converse<R extends UpgradeRequest>(ws: WebSocket, request: R, callback: WebSocketCallback<R>): void {
  try {
    const result = callback(ws, request);
    if (isThenable(result)) wait(result);
  } catch (error) {
    const clientsDoing = ws.isItsEnd(error);
    ws.close(isGreenExit(error) ? closeCodes.goingAway : closeCodes.internalError);
    if (!clientsDoing) throw error;
  }
  ws.close();
}
