import { IncomingMessage as NodeRequest } from 'node:http';
import { type Duplex } from 'node:stream';
import { types } from 'node:util';
import { codeOf } from '../errors';
import { type IncomingMessage } from '../http/server/incoming_message';
import { Request } from '../http/request';
import { takeOver } from '../http/upgrade';
import { invalidType, validateObject } from '../validate';
import { WebSocketHandshakeError } from './errors';

/** What may ask for a WebSocket: a request of `verdant/http`, in either shape, or one of the `'upgrade'` event of `node:http`. */
export type UpgradeRequest = Request | IncomingMessage | NodeRequest;

/** The connection a request came by. */
export interface Connection {
  readonly stream: Duplex;
  /** What has come behind the request. */
  readonly head: Buffer;
}

/** A request to speak WebSocket, in one shape. */
export interface Upgrade {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names in lower case; what was sent several times is joined, so it will not pass for one value. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** `1.0` or `1.1`. */
  readonly httpVersion: string;
  /** Takes the connection from whoever has it. */
  take(): Connection;
}

/** @param head - needed with Node's requests only */
export function upgradeOf(req: UpgradeRequest, head: unknown): Upgrade {
  validateObject(req, 'req');
  if (req instanceof NodeRequest) return fromNode(req, head);
  const take = (): Connection => takeGreen(req);
  const { method, httpVersion } = req;
  if (req instanceof Request) {
    return { method, httpVersion, url: req.target, headers: Object.fromEntries(req.headers), take };
  }
  const { url, headers } = req;
  if (typeof headers !== 'object') throw invalidType('req', 'a request', req);
  return { method, httpVersion, url, headers: joined(headers), take };
}

function fromNode(req: NodeRequest, head: unknown): Upgrade {
  // Whoever forgets it loses what a client says that does not wait for the answer, and only then.
  if (!types.isUint8Array(head)) {
    throw invalidType('options.head', "the third argument of the server's 'upgrade' event", head);
  }
  const { method = '', url = '', headers, httpVersion, socket } = req;
  return { method, url, headers: joined(headers), httpVersion, take: () => ({ stream: socket, head: head as Buffer }) };
}

function takeGreen(req: Request | IncomingMessage): Connection {
  try {
    const { socket, head } = takeOver(req);
    return { stream: socket.toDuplex(), head };
  } catch (error) {
    if (codeOf(error) !== 'ERR_VERDANT_HTTP_ABORTED') throw error;
    throw new WebSocketHandshakeError('The client has gone', undefined, {}, { cause: error });
  }
}

function joined(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Record<string, string> {
  const pairs = Object.entries(headers).map(([name, value]) => [name, [value ?? []].flat().join(', ')]);
  return Object.fromEntries(pairs) as Record<string, string>;
}
