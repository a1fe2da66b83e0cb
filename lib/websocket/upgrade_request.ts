import { type IncomingMessage } from 'node:http';
import { type Duplex } from 'node:stream';
import { invalidType } from '../validate';

/** A request to speak WebSocket, with the connection it came by. */
export interface Upgrade {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names in lower case; what was sent several times is joined, so it will not pass for one value. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** False for HTTP/1.0, which has no upgrades. */
  readonly modern: boolean;
  readonly stream: Duplex;
  /** What has come after the request. */
  readonly head: Buffer;
}

export function fromNode(req: IncomingMessage, head: unknown): Upgrade {
  // Whoever forgets it loses what a client says that does not wait for the answer, and only then.
  if (!(head instanceof Uint8Array) && Object.prototype.toString.call(head) !== '[object Uint8Array]') {
    throw invalidType('options.head', "the third argument of the server's 'upgrade' event", head);
  }
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(req.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return {
    method: req.method ?? '',
    url: req.url ?? '',
    headers,
    modern: req.httpVersionMajor > 1 || req.httpVersionMinor >= 1,
    stream: req.socket,
    head: head as Buffer,
  };
}
