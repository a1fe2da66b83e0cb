// The opening handshake on a server: who is taken, who is refused and by which status, and what is agreed on.
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { type Duplex } from 'node:stream';
import { Event, run, wait } from 'verdant';
import { accept, type AcceptOptions, connect, type WebSocket, webSocketHandler } from 'verdant/websocket';
import { ca, server as certificate } from '../support/certificates';
import { type ClientHandshake, opcodes, rawClient, requestUpgrade } from './support/raw_peer';
import { everyServer, listenOn, withServer } from './support/servers';

const echo = (ws: WebSocket): void => {
  for (const message of ws) ws.send(message);
};

interface Answer {
  start: string;
  headers: Map<string, string>;
  body: string;
}

describe.each(everyServer)('on %s,', (_kind, startServer) => {
  // What a server answers to a handshake, up to the end of the connection unless it has been taken.
  function answerTo(handshake: ClientHandshake, options?: Omit<AcceptOptions, 'head'>): Answer {
    return withServer(
      echo,
      ({ port }) => {
        const { socket, start, headers } = requestUpgrade(port, handshake);
        const taken = start.includes(' 101 ');
        const body = taken ? '' : socket.recvExactly(Number(headers.get('content-length'))).toString();
        if (!taken) expect(socket.recv()).toHaveLength(0);
        socket.close();
        return { start, headers, body };
      },
      options,
      startServer,
    );
  }

  function statusOf(headers: Record<string, string | null>, options?: Omit<AcceptOptions, 'head'>): number {
    return Number(answerTo({ headers }, options).start.split(' ')[1]);
  }

  describe('what is refused', () => {
    test.each([
      ['no key', { 'Sec-WebSocket-Key': null }, 400],
      ['an empty key', { 'Sec-WebSocket-Key': '' }, 400],
      ['a key that is too short', { 'Sec-WebSocket-Key': 'c2hvcnQ=' }, 400],
      ['a key that is no base64', { 'Sec-WebSocket-Key': '!!!!!!!!!!!!!!!!!!!!!!==' }, 400],
      ['no version', { 'Sec-WebSocket-Version': null }, 400],
      ['another upgrade', { Upgrade: 'h2c' }, 400],
      ['version 7', { 'Sec-WebSocket-Version': '7' }, 426],
      ['version 14', { 'Sec-WebSocket-Version': '14' }, 426],
      ['two versions', { 'Sec-WebSocket-Version': '13, 8' }, 426],
      ['extensions that are no list', { 'Sec-WebSocket-Extensions': ';;;' }, 400],
      [
        'a parameter that compression does not have',
        { 'Sec-WebSocket-Extensions': 'permessage-deflate; foo=bar' },
        400,
      ],
      [
        'a window that is too small',
        { 'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=7' },
        400,
      ],
      [
        'a window that is too large',
        { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits=16' },
        400,
      ],
      [
        'a parameter twice',
        { 'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=9; server_max_window_bits=9' },
        400,
      ],
      ['subprotocols that are no list', { 'Sec-WebSocket-Protocol': 'a,,b' }, 400],
      ['a subprotocol twice', { 'Sec-WebSocket-Protocol': 'a, a' }, 400],
    ])('%s', async (_what, headers, status) => {
      await run(() => expect(statusOf(headers)).toBe(status));
    });

    test('the answer says why, and which versions are spoken', async () => {
      await run(() => {
        const { start, headers, body } = answerTo({ headers: { 'Sec-WebSocket-Version': '7' } });
        expect(start).toBe('HTTP/1.1 426 Upgrade Required');
        expect(headers.get('sec-websocket-version')).toBe('13, 8');
        expect(headers.get('connection')).toBe('close');
        expect(body).toContain('13, 8');
      });
    });

    test('a request by another method', async () => {
      await run(() => {
        const { start, headers } = answerTo({ method: 'POST' });
        expect(start).toBe('HTTP/1.1 405 Method Not Allowed');
        expect(headers.get('allow')).toBe('GET');
      });
    });

    test('a request with a body', async () => {
      await run(() => {
        const { start } = answerTo({ headers: { 'Content-Length': '5' }, eager: Buffer.from('hello') });
        expect(start).toBe('HTTP/1.1 400 Bad Request');
      });
    });

    test('a page from elsewhere, when the origins are listed', async () => {
      await run(() => {
        const options = { origins: ['https://example.org'] };
        expect(statusOf({ Origin: 'https://example.org' }, options)).toBe(101);
        expect(statusOf({ Origin: 'HTTPS://Example.org' }, options)).toBe(101);
        expect(statusOf({ Origin: 'https://evil.example' }, options)).toBe(403);
        expect(statusOf({ Origin: 'https://example.org.evil.example' }, options)).toBe(403);
        expect(statusOf({}, options)).toBe(403);
      });
    });

    test('whomever a function refuses, and whomever it says neither yes nor no about', async () => {
      await run(() => {
        const asked: (string | undefined)[] = [];
        const origins = (origin: string | undefined): boolean => {
          asked.push(origin);
          return origin === undefined;
        };
        expect(statusOf({ Origin: 'null' }, { origins })).toBe(403);
        expect(statusOf({}, { origins })).toBe(101);
        expect(asked).toEqual(['null', undefined]);
        expect(statusOf({}, { origins: (() => Promise.resolve(true)) as never })).toBe(403);
      });
    });
  });

  describe('what is agreed on', () => {
    test('the version may be 8, whose origin has another name', async () => {
      await run(() => {
        const version = { 'Sec-WebSocket-Version': '8', 'Sec-WebSocket-Origin': 'http://a.example' };
        expect(statusOf(version, { origins: ['http://a.example'] })).toBe(101);
        expect(statusOf(version, { origins: ['http://b.example'] })).toBe(403);
      });
    });

    test('headers are read in any case, and Connection may have more in it', async () => {
      await run(() => expect(statusOf({ Upgrade: 'WebSocket', Connection: 'keep-alive, UPGRADE' })).toBe(101));
    });

    test.each([
      [undefined, 'a, b', undefined],
      [['b', 'a'], 'a, b', 'a'],
      [['b'], 'a, b', 'b'],
      [['c'], 'a, b', undefined],
      [['a'], null, undefined],
      [(offered: readonly string[]) => offered.at(-1), 'a, b', 'b'],
      [() => undefined, 'a, b', undefined],
    ] as const)('of the subprotocols %p and the offer %p: %p', async (protocols, offer, agreed) => {
      await run(() => {
        const { start, headers } = answerTo({ headers: { 'Sec-WebSocket-Protocol': offer } }, { protocols });
        expect(start).toContain('101');
        expect(headers.get('sec-websocket-protocol')).toBe(agreed);
      });
    });

    test.each([
      ['permessage-deflate', true, 'permessage-deflate'],
      ['permessage-deflate', false, undefined],
      ['permessage-deflate; server_no_context_takeover', true, 'permessage-deflate; server_no_context_takeover'],
      ['permessage-deflate; server_max_window_bits=10', true, 'permessage-deflate; server_max_window_bits=10'],
      [
        'permessage-deflate; client_max_window_bits',
        { clientMaxWindowBits: 11 },
        'permessage-deflate; client_max_window_bits=11',
      ],
      ['permessage-deflate', { serverNoContextTakeover: true }, 'permessage-deflate; server_no_context_takeover'],
      ['x-webkit-deflate-frame', true, undefined],
      [null, true, undefined],
    ])('the offer %p with compression %p: %p', async (offer, compression, agreed) => {
      await run(() => {
        const { headers } = answerTo({ headers: { 'Sec-WebSocket-Extensions': offer } }, { compression });
        expect(headers.get('sec-websocket-extensions')).toBe(agreed);
      });
    });

    test('the answer has the headers that it is to have', async () => {
      await run(() => {
        const { headers } = answerTo({}, { headers: { 'Set-Cookie': 'a=b', 'X-Two': ['1', '2'] } });
        expect(headers.get('set-cookie')).toBe('a=b');
        expect(headers.get('x-two')).toBe('2');
      });
    });
  });

  test('a client that says something before it has been answered loses nothing', async () => {
    await run(() => {
      withServer(
        echo,
        ({ port }) => {
          const eager = Buffer.from([0x81, 0x85, 0, 0, 0, 0, ...Buffer.from('eager')]);
          const peer = rawClient(port, { eager });
          expect(peer.receive()).toMatchObject({ opcode: opcodes.text, payload: Buffer.from('eager') });
          peer.close();
        },
        undefined,
        startServer,
      );
    });
  });

  test('the path and the query are the url', async () => {
    await run(() => {
      withServer(
        (ws) => ws.send(ws.url),
        ({ url }) => {
          using ws = connect(`${url}/room/7?name=%20ann`);
          expect(ws.receive()).toBe('/room/7?name=%20ann');
        },
        undefined,
        startServer,
      );
    });
  });
});

test('over TLS', async () => {
  await run(() => {
    const https = createTlsServer({ ...certificate }).on('upgrade', webSocketHandler(echo));
    wait(new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve)));
    const { port } = https.address() as AddressInfo;
    const ws = connect(`wss://localhost:${port}/`, { tls: { ca }, family: 4 });
    ws.send('hello');
    expect(ws.receive()).toBe('hello');
    ws.close();
    ws.join();
    wait(new Promise((resolve) => https.close(resolve)));
  });
});

describe('accept', () => {
  // What becomes of a call of accept in an upgrade listener.
  function outcomeOf(attempt: (req: IncomingMessage, socket: Duplex, head: Buffer) => unknown): unknown {
    const outcome = new Event();
    const server = listenOn(
      createServer().on('upgrade', (req, socket, head) => {
        try {
          outcome.send(attempt(req, socket, head));
        } catch (error) {
          outcome.send(error);
        }
      }),
    );
    try {
      const socket = requestUpgradeQuietly(server.port);
      const result = outcome.wait({ timeout: 5000 });
      socket?.close();
      return result;
    } finally {
      server.close();
    }
  }

  function requestUpgradeQuietly(port: number): { close(): void } | null {
    try {
      return requestUpgrade(port).socket;
    } catch {
      return null;
    }
  }

  test('throws what the client was told when it is refused', async () => {
    await run(() => {
      const error = outcomeOf((req, _socket, head) => accept(req, { head, origins: [] }));
      expect(error).toMatchObject({
        code: 'ERR_VERDANT_WEBSOCKET_HANDSHAKE',
        status: 403,
        name: 'WebSocketHandshakeError',
      });
    });
  });

  test('throws when the client has gone', async () => {
    await run(() => {
      const error = outcomeOf((req, socket, head) => {
        socket.destroy();
        return accept(req, { head });
      });
      expect(error).toMatchObject({ code: 'ERR_VERDANT_WEBSOCKET_HANDSHAKE', status: undefined });
    });
  });

  test.each([
    ['a head that is none', { head: 'x' }],
    ['no options', null],
    ['protocols that are no list', { protocols: 'a' }],
    ['origins that are no list', { origins: 'a' }],
    ['a limit that is no number', { maxPayload: '1' }],
    ['a header that would split the answer', { headers: { a: 'b\r\nc: d' } }],
    ['a name that is no header', { headers: { 'a b': 'c' } }],
    ['a compression that is none', { compression: 'gzip' }],
    ['bits that are no number', { compression: { serverMaxWindowBits: '9' } }],
  ])('refuses %s as an argument', async (_what, options) => {
    await run(() => {
      const error = outcomeOf((req, socket, head) => {
        try {
          return accept(req, options === null ? (null as never) : { head, ...(options as object) });
        } finally {
          socket.destroy();
        }
      });
      expect(error).toMatchObject({ name: 'TypeError' });
    });
  });

  test('needs the head of a request of Node’s', async () => {
    await run(() => {
      const error = outcomeOf((req, socket) => {
        try {
          return accept(req);
        } finally {
          socket.destroy();
        }
      });
      expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    });
  });

  test.each([
    { maxPayload: 0 },
    { maxPayload: 2 ** 31 },
    { maxQueued: 0 },
    { maxQueuedBytes: -1 },
    { highWaterMark: 1.5 },
    { heartbeat: 0 },
    { heartbeat: -1 },
    { closeTimeout: 0 },
    { compression: { level: 10 } },
    { compression: { serverMaxWindowBits: 8 } },
    { compression: { memoryLevel: 0 } },
    { compression: { threshold: -1 } },
  ])('refuses %p', (options) => {
    expect(() => accept({} as never, options)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  });

  test.each([null, undefined, 'GET /', {}])('refuses %p as a request', (req) => {
    expect(() => accept(req as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  });
});
