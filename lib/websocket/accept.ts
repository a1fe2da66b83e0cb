import { type IncomingMessage, STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import { type Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { codeOf } from '../errors';
import { HttpError } from '../http/http_error';
import { endStream } from '../net/end_stream';
import { invalidType, validateFunction, validateObject } from '../validate';
import { WebSocketHandshakeError } from './errors';
import { compressionOf, limitsOf, type WebSocketOptions } from './limits';
import { type Connection, type Upgrade, upgradeOf, type UpgradeRequest } from './upgrade_request';
import { WebSocket } from './web_socket';

/** What `accept` may be told. */
export interface AcceptOptions extends WebSocketOptions {
  /**
   * The subprotocols that are spoken here: of those that the client offers, the first that is one of them is agreed on, if any. Or
   * a function that chooses: undefined for none.
   */
  protocols?: readonly string[] | ((offered: readonly string[]) => string | undefined) | undefined;
  /**
   * The web pages that may connect, by origin (`https://example.org`); all others, and clients that name none, get 403. Or a
   * function that says so. Default: anybody, so that any page in the world may connect with your user's cookies.
   */
  origins?: readonly string[] | ((origin: string | undefined) => boolean) | undefined;
  /** More headers for the answer: `Set-Cookie`, for one. */
  headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** The third argument of the `'upgrade'` event of a `node:http` server. Needed with its requests, and only with them. */
  head?: Uint8Array | undefined;
}

interface Refusal {
  status: number;
  message: string;
  headers?: Record<string, string>;
}

const key = /^[+/0-9A-Za-z]{22}==$/;
const token = /^[!#$%&'*+\-.0-9A-Z^_`|a-z~]+$/;
const versions = ['13', '8'];

/**
 * Answers the opening handshake of a client: from now on its connection carries messages. Does not block. A request that is
 * none, or that is not welcome, is answered with 400, 403, 405 or 426, and its connection is closed.
 * @param req - a request as a handler of `verdant/http` gets it, of either form; or, with `head`, one of the `'upgrade'` event of
 * `node:http` or `node:https`, and then rather in the listener itself than later, for until then nobody listens to the socket
 * @param options - `protocols`, `origins`, `headers`, `head`; limits: `maxPayload`, `maxQueued`, ...; `compression`; `heartbeat`
 * @returns the connection; it is yours to close
 * @throws `ERR_VERDANT_WEBSOCKET_HANDSHAKE` when the client was refused (`status`), or has gone; `ERR_VERDANT_HTTP_ANSWERED` when
 * the request was answered already; `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { run, spawn } from 'verdant';
 * import { accept, connect } from 'verdant/websocket';
 *
 * const server = createServer().on('upgrade', (req, _socket, head) => {
 *   const ws = accept(req, { head });
 *   spawn(() => {
 *     for (const message of ws) ws.send(`${message}!`);
 *   });
 * });
 * await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
 * await run(() => {
 *   using ws = connect(`ws://127.0.0.1:${server.address().port}/`);
 *   ws.send('hello');
 *   console.log(ws.receive()); // hello!
 * });
 * server.close();
 * ```
 */
export function accept(req: UpgradeRequest, options: AcceptOptions = {}): WebSocket {
  const checked = checkOptions(options);
  const upgrade = upgradeOf(req, options.head);
  const refusal = refusalOf(upgrade, options);
  if (refusal !== null) refuse(connectionFor(upgrade, refusal).stream, refusal);
  return shakeHands(upgrade, options, checked);
}

// Without its connection, for a body is still to come on it, the server it belongs to must give the answer.
function connectionFor(upgrade: Upgrade, { status, message }: Refusal): Connection {
  try {
    return upgrade.take();
  } catch (error) {
    if (codeOf(error) !== 'ERR_VERDANT_HTTP_ANSWERED') throw error;
    throw new HttpError(status, message, { code: 'ERR_VERDANT_WEBSOCKET_HANDSHAKE', cause: error });
  }
}

type Checked = ReturnType<typeof checkOptions>;

function checkOptions(options: AcceptOptions): {
  limits: ReturnType<typeof limitsOf>;
  compression: object | false;
  headers: string[];
} {
  validateObject(options, 'options');
  const { protocols, origins, headers } = options;
  for (const [name, list] of Object.entries({ protocols, origins })) {
    if (list === undefined || Array.isArray(list)) continue;
    validateFunction(list, `options.${name}`);
  }
  return { limits: limitsOf(options), compression: compressionOf(options), headers: linesOf(headers ?? {}) };
}

function linesOf(headers: Readonly<Record<string, string | readonly string[]>>): string[] {
  validateObject(headers, 'options.headers');
  return Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((single) => {
      validateHeaderName(name);
      validateHeaderValue(name, single);
      return `${name}: ${single}`;
    }),
  );
}

function refusalOf(upgrade: Upgrade, { origins }: AcceptOptions): Refusal | null {
  const { method, headers, httpVersion } = upgrade;
  const version = headers['sec-websocket-version'];
  if (method !== 'GET') {
    return { status: 405, message: 'A WebSocket is asked for by GET', headers: { Allow: 'GET' } };
  }
  if (hasBody(headers)) return { status: 400, message: 'A request for a WebSocket has no body' };
  if (
    httpVersion === '1.0' ||
    headers.upgrade?.toLowerCase() !== 'websocket' ||
    !lists(headers.connection, 'upgrade')
  ) {
    return { status: 400, message: 'This is no request for a WebSocket' };
  }
  if (version === undefined) return { status: 400, message: 'There is no Sec-WebSocket-Version header' };
  if (!versions.includes(version)) {
    const spoken = versions.join(', ');
    return { status: 426, message: `Spoken are the versions ${spoken}`, headers: { 'Sec-WebSocket-Version': spoken } };
  }
  if (!key.test(headers['sec-websocket-key'] ?? '')) {
    return { status: 400, message: 'The Sec-WebSocket-Key header is missing or invalid' };
  }
  const origin = headers.origin ?? (version === '8' ? headers['sec-websocket-origin'] : undefined);
  return isWelcome(origin, origins) ? null : { status: 403, message: 'This origin is not welcome' };
}

function hasBody(headers: Upgrade['headers']): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function lists(header: string | undefined, name: string): boolean {
  return header?.split(',').some((item) => item.trim().toLowerCase() === name) === true;
}

function isWelcome(origin: string | undefined, origins: AcceptOptions['origins']): boolean {
  if (origins === undefined) return true;
  // Anything but true, a promise for one, is no permission.
  if (typeof origins === 'function') return (origins(origin) as unknown) === true;
  const wanted = origin?.toLowerCase();
  return origins.some((welcome) => welcome.toLowerCase() === wanted);
}

function shakeHands(upgrade: Upgrade, options: AcceptOptions, { limits, compression, headers }: Checked): WebSocket {
  const { stream, head } = upgrade.take();
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: limits.maxPayload,
    perMessageDeflate: compression,
    handleProtocols: (offered) => choose([...offered], options.protocols),
    // Not in the types of `ws` yet.
    ...{ closeTimeout: limits.closeTimeout },
  });
  let refusal: Refusal | null = null;
  let accepted: WebSocket | null = null;
  server.on('headers', (lines) => lines.push(...headers));
  server.on('wsClientError', (error) => {
    refusal = { status: 400, message: error.message };
  });
  server.handleUpgrade(upgrade as unknown as IncomingMessage, stream, head, (wire) => {
    accepted = new WebSocket(wire, stream, limits, upgrade.url);
  });
  if (refusal !== null) refuse(stream, refusal);
  // The library does not call back when the client has closed the connection meanwhile.
  if (accepted === null) throw new WebSocketHandshakeError('The client has gone');
  return accepted;
}

function choose(offered: readonly string[], protocols: AcceptOptions['protocols']): string | false {
  if (protocols === undefined) return false;
  if (typeof protocols !== 'function') return offered.find((name) => protocols.includes(name)) ?? false;
  const chosen = protocols(offered);
  if (chosen === undefined) return false;
  if (typeof chosen !== 'string' || !token.test(chosen)) throw invalidType('the chosen subprotocol', 'a token', chosen);
  return chosen;
}

/** Answers, closes the connection, and throws. */
function refuse(stream: Duplex, { status, message, headers = {} }: Refusal): never {
  const lines = Object.entries({
    ...headers,
    Connection: 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(message),
  }).map(([name, value]) => `${name}: ${value}`);
  if (stream.writable) {
    stream.write([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', message].join('\r\n'));
  }
  endStream(stream, false);
  throw new WebSocketHandshakeError(`The client was refused: ${message}`, status);
}
