// A server for one test, and raw conversations with it on green sockets.
import { run, sleep } from 'verdant';
import { getHub } from 'verdant/hub';
import { type HttpServer, serve, type ServeOptions } from 'verdant/http';
import { type AddressLike, connect, type Socket } from 'verdant/net';

type AnyHandler = Parameters<typeof serve>[1];

/** Lets `body` talk to a server of its own, on a green thread; nothing may be left of it afterwards. */
export function serving(handler: AnyHandler, options: ServeOptions, body: (server: HttpServer) => void): Promise<void> {
  return run(() => {
    const server = serve('127.0.0.1:0', handler, options);
    try {
      body(server);
    } finally {
      server.close({ timeout: 0 });
    }
    sleep(0);
    expect(getHub().stats()).toMatchObject({ greenThreads: 1, listeners: 0, timers: 0 });
  });
}

/** The text of a request with these lines behind the Host header. */
export function request(line: string, headers: readonly string[] = [], body = ''): string {
  return `${[`${line} HTTP/1.1`, 'Host: a.test', ...headers].join('\r\n')}\r\n\r\n${body}`;
}

/** Opens a connection for `talk`, and closes it. */
export function connected<T>(to: HttpServer | AddressLike, talk: (socket: Socket) => T): T {
  const socket = connect(typeof to === 'object' && 'stats' in to ? to.address : to);
  try {
    return talk(socket);
  } finally {
    socket.close();
  }
}

/** All that comes until the other end closes. */
export function rest(socket: Socket): string {
  const pieces: Buffer[] = [];
  for (;;) {
    const piece = socket.recv(65_536, { timeout: 20_000 });
    if (piece.byteLength === 0) return Buffer.concat(pieces).toString('latin1');
    pieces.push(piece);
  }
}

/** Sends bytes on a connection of their own, and receives until the server closes it. */
export function ask(to: HttpServer | AddressLike, ...bytes: string[]): string {
  return connected(to, (socket) => {
    socket.sendAll(bytes.join(''));
    return rest(socket);
  });
}

export interface Answer {
  status: number;
  reason: string;
  headers: Record<string, string>;
  body: string;
}

/** Reads one answer from a connection that may go on; `bodiless`: to HEAD. */
export function answerFrom(socket: Socket, bodiless = false): Answer {
  const options = { timeout: 20_000 };
  const [, status, reason] = /^HTTP\/1\.1 (\d+) (.*)$/.exec(socket.recvLine(options)!)!;
  const headers: Record<string, string> = {};
  for (let line = socket.recvLine(options)!; line !== ''; line = socket.recvLine(options)!) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 2);
  }
  let body = '';
  if (headers['transfer-encoding'] === 'chunked' && !bodiless) {
    for (;;) {
      const size = parseInt(socket.recvLine(options)!, 16);
      body += socket.recvExactly(size, options).toString('latin1');
      socket.recvLine(options);
      if (size === 0) break;
    }
  } else if (!bodiless && headers['content-length'] !== undefined) {
    body = socket.recvExactly(Number(headers['content-length']), options).toString('latin1');
  }
  return { status: Number(status), reason: reason!, headers, body };
}

/** The one answer to a request. */
export function answerTo(to: HttpServer | AddressLike, bytes: string): Answer {
  return connected(to, (socket) => {
    socket.sendAll(bytes);
    return answerFrom(socket, bytes.startsWith('HEAD'));
  });
}

/** Waits until something is so, which other green threads bring about. */
export function until(condition: () => boolean): void {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 5000) throw new Error('it never came about');
    sleep(1);
  }
}

/** The code of what a call throws; undefined if it throws nothing. */
export function codeOf(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}
