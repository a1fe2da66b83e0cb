// An end of a WebSocket connection that sends and receives single frames, right ones and wrong ones: all by hand, since it is
// there to find out what the library's end does.
import { createHash, randomBytes } from 'node:crypto';
import { connect, type Listener, type Socket } from 'verdant/net';

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  opcode: number;
  payload: Buffer;
  fin: boolean;
  /** The three reserved bits: 4 is the first, by which compressed messages are marked. */
  reserved: number;
  masked: boolean;
}

export interface FrameInit {
  opcode?: number;
  payload?: string | Uint8Array;
  fin?: boolean;
  reserved?: number;
  /** Default: as this end has to. */
  masked?: boolean;
  /** The length as it is said in the header; default: the payload's. */
  length?: bigint;
  /** How many bytes the length takes at least: 1, 2 or 8. */
  lengthSize?: 1 | 2 | 8;
}

/** The bytes of a frame. */
export function encode(init: FrameInit & { masked: boolean }): Buffer {
  const { opcode = opcodes.text, fin = true, reserved = 0, masked, lengthSize = 1 } = init;
  const payload = Buffer.from(init.payload ?? '');
  const length = init.length ?? BigInt(payload.length);
  const head = [(fin ? 0x80 : 0) | (reserved << 4) | opcode];
  const maskBit = masked ? 0x80 : 0;
  const size = length > 0xffffn || lengthSize === 8 ? 8 : length > 125n || lengthSize === 2 ? 2 : 1;
  if (size === 1) head.push(maskBit | Number(length));
  else head.push(maskBit | (size === 2 ? 126 : 127));
  const extended = Buffer.alloc(size === 1 ? 0 : size);
  if (size === 2) extended.writeUInt16BE(Number(length));
  if (size === 8) extended.writeBigUInt64BE(length);
  if (!masked) return Buffer.concat([Buffer.from(head), extended, payload]);
  const mask = randomBytes(4);
  const covered = payload.map((byte, at) => byte ^ mask[at & 3]!);
  return Buffer.concat([Buffer.from(head), extended, mask, covered]);
}

export function closePayload(code: number, reason: string | Uint8Array = ''): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, Buffer.from(reason)]);
}

export class RawPeer {
  readonly socket: Socket;
  /** True for a client, which must mask all that it sends. */
  readonly client: boolean;
  /** What the other end said in the handshake. */
  readonly headers: Map<string, string>;

  constructor(socket: Socket, client: boolean, headers: Map<string, string>) {
    this.socket = socket;
    this.client = client;
    this.headers = headers;
  }

  frame(init: FrameInit): Buffer {
    return encode({ masked: this.client, ...init });
  }

  /** @param chop - send pieces of so many bytes, each on its own */
  send(init: FrameInit | FrameInit[], chop = Infinity): void {
    const bytes = Buffer.concat([init].flat().map((one) => this.frame(one)));
    if (chop === Infinity) {
      this.socket.sendAll(bytes);
      return;
    }
    for (let at = 0; at < bytes.length; at += chop) this.socket.sendAll(bytes.subarray(at, at + chop));
  }

  /** The next frame; null at the end of the connection. */
  receive(): Frame | null {
    let head: Buffer;
    try {
      head = this.socket.recvExactly(2);
    } catch (error) {
      const { code } = error as { code?: string };
      // An end that has been sent more than it wants to read resets the connection.
      if (code === 'ECONNRESET' || (code === 'ERR_VERDANT_EOF' && this.socket.recv().length === 0)) return null;
      throw error;
    }
    let length = head[1]! & 0x7f;
    if (length === 126) length = this.socket.recvExactly(2).readUInt16BE();
    else if (length === 127) length = Number(this.socket.recvExactly(8).readBigUInt64BE());
    const masked = (head[1]! & 0x80) !== 0;
    const mask = masked ? this.socket.recvExactly(4) : null;
    let payload = length === 0 ? Buffer.alloc(0) : this.socket.recvExactly(length);
    if (mask !== null) payload = payload.map((byte, at) => byte ^ mask[at & 3]!) as Buffer;
    const first = head[0]!;
    return {
      opcode: first & 15,
      payload: Buffer.from(payload),
      fin: (first & 0x80) !== 0,
      reserved: (first >> 4) & 7,
      masked,
    };
  }

  /** The next message, of however many frames; pings and pongs between them are not expected. */
  receiveMessage(): { opcode: number; payload: Buffer; reserved: number } {
    const first = this.receive()!;
    const pieces = [first.payload];
    for (let last = first; !last.fin;) {
      last = this.receive()!;
      expect(last).toMatchObject({ opcode: opcodes.continuation, reserved: 0 });
      pieces.push(last.payload);
    }
    return { opcode: first.opcode, payload: Buffer.concat(pieces), reserved: first.reserved };
  }

  expectMessage(opcode: number, payload: string | Uint8Array): void {
    const message = this.receiveMessage();
    expect(message.opcode).toBe(opcode);
    expect(message.payload.equals(Buffer.from(payload))).toBe(true);
  }

  expectFrame(opcode: number, payload: string | Uint8Array = ''): void {
    const frame = this.receive();
    expect(frame).toMatchObject({ opcode, fin: true, masked: !this.client });
    expect(frame!.payload.equals(Buffer.from(payload))).toBe(true);
  }

  /** The other end closes with that code, and then the connection. */
  expectClose(code: number | null): void {
    const frame = this.receive();
    expect(frame).toMatchObject({ opcode: opcodes.close, fin: true, reserved: 0 });
    expect(frame!.payload.length < 2 ? null : frame!.payload.readUInt16BE()).toBe(code);
    this.expectEnd();
  }

  /** The connection ends: at once if the other end is a server, or when this end has closed it, too. */
  expectEnd(): void {
    if (!this.client) this.socket.shutdown();
    expect(this.receive()).toBeNull();
    this.socket.close();
  }

  /** The closing handshake, begun here. */
  close(code = 1000): void {
    this.send({ opcode: opcodes.close, payload: closePayload(code) });
    this.expectClose(code);
  }
}

function parseHead(text: string): { start: string; headers: Map<string, string> } {
  const [start = '', ...lines] = text.split('\r\n');
  return {
    start,
    headers: new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    ),
  };
}

/** The head of a request or a response. */
export function receiveHead(socket: Socket): { start: string; headers: Map<string, string> } {
  const lines: string[] = [];
  for (let line = socket.recvLine(); line !== null && line !== ''; line = socket.recvLine()) lines.push(line);
  return parseHead(lines.join('\r\n'));
}

export const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export function answerTo(key: string): string {
  return createHash('sha1')
    .update(key + guid)
    .digest('base64');
}

export interface ClientHandshake {
  method?: string;
  path?: string;
  headers?: Record<string, string | null>;
  /** More, sent in the same piece as the request. */
  eager?: Buffer;
}

/** Sends a request for a WebSocket; gives the answer's head. A header that is null is left out. */
export function requestUpgrade(
  port: number,
  { method = 'GET', path = '/', headers = {}, eager }: ClientHandshake = {},
): { socket: Socket; start: string; headers: Map<string, string>; key: string } {
  const socket = connect({ host: '127.0.0.1', port }).setTimeout(10_000);
  const key = randomBytes(16).toString('base64');
  const all: Record<string, string | null> = {
    Host: `127.0.0.1:${port}`,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Version': '13',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  socket.sendAll([[`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'), eager ?? '']);
  return { socket, key, ...receiveHead(socket) };
}

/** Connects to a server as a client that does what it likes. */
export function rawClient(port: number, handshake?: ClientHandshake): RawPeer {
  const { socket, start, headers, key } = requestUpgrade(port, handshake);
  expect(start).toBe('HTTP/1.1 101 Switching Protocols');
  expect(headers.get('sec-websocket-accept')).toBe(answerTo(key));
  return new RawPeer(socket, true, headers);
}

/** Takes a client's connection as a server that does what it likes. */
export function rawServer(listener: Listener, answer: Record<string, string> = {}): RawPeer {
  const socket = listener.accept({ timeout: 10_000 }).setTimeout(10_000);
  const { headers } = receiveHead(socket);
  const lines = Object.entries({
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': answerTo(headers.get('sec-websocket-key')!),
    ...answer,
  }).map(([name, value]) => `${name}: ${value}`);
  socket.sendAll(['HTTP/1.1 101 Switching Protocols', ...lines, '', ''].join('\r\n'));
  return new RawPeer(socket, false, headers);
}
