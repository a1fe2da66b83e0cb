// The opening handshake of a client: what it asks for, whom it believes, and that an interrupted one leaves nothing behind (which
// the leak check after this file sees).
import { createServer } from 'node:http';
import { availableHubs } from 'verdant/hub';
import { run, sleep, spawn } from 'verdant';
import { serve } from 'verdant/http';
import { listen, type Listener } from 'verdant/net';
import { connect, type ConnectOptions, type WebSocket, webSocketHandler } from 'verdant/websocket';
import { onHub } from '../net/support/hubs';
import { closedPort, letOthersRun, temporaryFolder } from '../net/support/sockets';
import { thrownBy } from './support/pairs';
import { answerTo, receiveHead } from './support/raw_peer';
import { everyServer, listenOn, withServer } from './support/servers';

const echo = (ws: WebSocket): void => {
  for (const message of ws) ws.send(message);
};

interface Asked {
  start: string;
  headers: Map<string, string>;
}

// Connects to a server that answers what it is told; gives what it was asked, and what has become of connect.
function attempt(
  answer: (headers: Map<string, string>) => string,
  options: ConnectOptions = {},
  path = '/',
): { asked: Asked; error: unknown } {
  using listener = listen('127.0.0.1:0');
  const asked = spawn(() => {
    using socket = listener.accept();
    const head = receiveHead(socket);
    socket.sendAll(answer(head.headers));
    socket.shutdown();
    errorOf(() => socket.recv());
    return head;
  });
  const error = errorOf(() => {
    const ws = connect(`ws://127.0.0.1:${listener.address.port}${path}`, { timeout: 5000, ...options });
    ws.terminate();
    ws.join();
  });
  return { asked: asked.wait(), error };
}

function errorOf(call: () => unknown): unknown {
  try {
    call();
    return null;
  } catch (error) {
    return error;
  }
}

const switching = (lines: string[]): string => ['HTTP/1.1 101 Switching Protocols', ...lines, '', ''].join('\r\n');

const right = (headers: Map<string, string>, ...more: string[]): string =>
  switching([
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${answerTo(headers.get('sec-websocket-key')!)}`,
    ...more,
  ]);

test('asks as RFC 6455 has it, with what it is told to add', async () => {
  await run(() => {
    const { asked, error } = attempt(
      (headers) => right(headers, 'Sec-WebSocket-Protocol: b'),
      { protocols: ['a', 'b'], headers: { Cookie: 'c=d', 'X-Many': ['1', '2'] }, origin: 'https://example.org' },
      '/path?query=1',
    );
    expect(error).toBeNull();
    expect(asked.start).toBe('GET /path?query=1 HTTP/1.1');
    const { headers } = asked;
    expect(headers.get('host')).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(headers.get('upgrade')).toBe('websocket');
    expect(headers.get('connection')).toBe('Upgrade');
    expect(headers.get('sec-websocket-version')).toBe('13');
    expect(Buffer.from(headers.get('sec-websocket-key')!, 'base64')).toHaveLength(16);
    expect(headers.get('sec-websocket-protocol')).toBe('a,b');
    expect(headers.get('sec-websocket-extensions')).toBe('permessage-deflate; client_max_window_bits');
    expect(headers.get('origin')).toBe('https://example.org');
    expect(headers.get('cookie')).toBe('c=d');
  });
});

test('asks for no compression if it shall have none', async () => {
  await run(() => {
    const { asked } = attempt((headers) => right(headers), { compression: false });
    expect(asked.headers.has('sec-websocket-extensions')).toBe(false);
  });
});

describe('does not believe', () => {
  test.each<[string, (headers: Map<string, string>) => string, ConnectOptions?]>([
    ['another key', () => switching(['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Accept: x'])],
    ['no key', () => switching(['Upgrade: websocket', 'Connection: Upgrade'])],
    ['another protocol', () => switching(['Upgrade: h2c', 'Connection: Upgrade'])],
    ['a subprotocol it has not asked for', (headers) => right(headers, 'Sec-WebSocket-Protocol: a')],
    ['another subprotocol', (headers) => right(headers, 'Sec-WebSocket-Protocol: b'), { protocols: 'a' }],
    ['no subprotocol', (headers) => right(headers), { protocols: 'a' }],
    ['an extension nobody knows', (headers) => right(headers, 'Sec-WebSocket-Extensions: foo')],
    [
      'an extension it has not asked for',
      (headers) => right(headers, 'Sec-WebSocket-Extensions: permessage-deflate'),
      { compression: false },
    ],
    ['a parameter nobody knows', (headers) => right(headers, 'Sec-WebSocket-Extensions: permessage-deflate; foo=1')],
  ])('%s', async (_what, answer, options = {}) => {
    await run(() => {
      expect(attempt(answer, options).error).toMatchObject({
        code: 'ERR_VERDANT_WEBSOCKET_HANDSHAKE',
        status: undefined,
      });
    });
  });

  test('an answer that is no HTTP', async () => {
    await run(() => {
      const { code } = attempt(() => 'hello\r\n\r\n').error as { code: string };
      expect(code).toMatch(/^HPE_/);
    });
  });
});

test.each([200, 401, 403, 404, 500])('an answer of %d is told with its headers', async (status) => {
  await run(() => {
    const { error } = attempt(() => `HTTP/1.1 ${status} So\r\nX-Why: because\r\nContent-Length: 0\r\n\r\n`);
    expect(error).toMatchObject({ code: 'ERR_VERDANT_WEBSOCKET_HANDSHAKE', status, headers: { 'x-why': 'because' } });
  });
});

test('a server that hangs up without an answer', async () => {
  await run(() =>
    expect(
      thrownBy(() => {
        throw attempt(() => '').error;
      }),
    ).toBe('ECONNRESET'),
  );
});

test('nobody listens', async () => {
  await run(() => expect(thrownBy(() => connect(`ws://127.0.0.1:${closedPort()}/`))).toBe('ECONNREFUSED'));
});

test('a name that does not exist', async () => {
  await run(() => {
    const lookup = (): never => {
      throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
    };
    expect(thrownBy(() => connect('ws://nowhere.invalid/', { lookup }))).toBe('ENOTFOUND');
  });
});

describe('redirects', () => {
  const redirecting = (target: () => string): ReturnType<typeof createServer> => {
    const server = createServer();
    return server.on('upgrade', (_req, socket) => {
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ${target()}\r\nContent-Length: 0\r\n\r\n`);
    });
  };

  test('are followed when that is asked for', async () => {
    await run(() =>
      withServer(echo, ({ url }) => {
        const server = listenOn(redirecting(() => `${url}/there`));
        const ws = connect(server.url, { maxRedirects: 1 });
        expect(ws.url).toBe(`${url}/there`);
        ws.send('hello');
        expect(ws.receive()).toBe('hello');
        ws.close();
        ws.join();
        server.close();
      }),
    );
  });

  test('are answers like others when it is not', async () => {
    await run(() => {
      const server = listenOn(redirecting(() => 'ws://127.0.0.1:1/'));
      expect(() => connect(server.url)).toThrow(expect.objectContaining({ status: 302 }));
      server.close();
    });
  });

  test('end after as many as are allowed', async () => {
    await run(() => {
      let url = '';
      const server = listenOn(redirecting(() => url));
      ({ url } = server);
      expect(thrownBy(() => connect(url, { maxRedirects: 3 }))).toBe('ERR_VERDANT_WEBSOCKET_HANDSHAKE');
      server.close();
    });
  });
});

describe('over a Unix socket', () => {
  const path = temporaryFolder();

  test('the path and the query come after the socket', async () => {
    await run(() => {
      const file = path('ws.sock');
      const server = serve(
        listen({ path: file }),
        webSocketHandler((ws) => ws.send(ws.url)),
      );
      const ws = connect(`ws+unix:${file}:/room?x=1`);
      expect(ws.receive()).toBe('/room?x=1');
      ws.close();
      ws.join();
      server.close({ timeout: 0 });
    });
  });
});

describe.each(availableHubs())('a handshake that is interrupted, hub %s,', (hub) => {
  onHub(hub);

  // A server that accepts, and says nothing.
  function withSilence<R>(use: (listener: Listener, url: string) => R): R {
    using listener = listen('127.0.0.1:0');
    return use(listener, `ws://127.0.0.1:${listener.address.port}/`);
  }

  test.each(['timeout', 'signal', 'kill'])('by %s, leaves nothing behind', async (how) => {
    await run(() =>
      withSilence((listener, url) => {
        const controller = new AbortController();
        const caller = spawn(() =>
          thrownBy(() => connect(url, { timeout: how === 'timeout' ? 30 : 10_000, signal: controller.signal })),
        );
        const socket = listener.accept();
        receiveHead(socket);
        if (how === 'signal') controller.abort(Object.assign(new Error('stop'), { code: 'STOP' }));
        if (how === 'kill') caller.kill();
        expect(caller.wait()).toBe({ timeout: 'ERR_VERDANT_TIMEOUT', signal: 'STOP', kill: 'ERR_VERDANT_KILLED' }[how]);
        socket.close();
      }),
    );
  });

  test('before it is connected, leaves nothing behind', async () => {
    await run(() => {
      const lookup = (): never => {
        sleep(10_000);
        throw new Error('too late');
      };
      const caller = spawn(() => thrownBy(() => connect('ws://slow.invalid/', { lookup })));
      letOthersRun();
      caller.kill();
      expect(caller.wait()).toBe('ERR_VERDANT_KILLED');
      letOthersRun();
    });
  });

  test('by a signal that has aborted already, does nothing', async () => {
    await run(() =>
      expect(thrownBy(() => connect('ws://127.0.0.1:1/', { signal: AbortSignal.abort(new Error('x')) }))).toEqual(
        new Error('x'),
      ),
    );
  });
});

test.each(everyServer)('talks to a server on %s', async (_name, start) => {
  await run(() =>
    withServer(
      echo,
      ({ url }) => {
        using ws = connect(url, { protocols: ['a', 'b'] });
        expect([ws.protocol, ws.extensions, ws.readyState]).toEqual(['b', 'permessage-deflate', 1]);
        ws.send('hello');
        expect(ws.receive()).toBe('hello');
      },
      { protocols: ['c', 'b'] },
      start,
    ),
  );
});

describe('refuses as an argument', () => {
  test.each([
    ['no URL', 'nonsense', {}, 'ERR_INVALID_URL'],
    ['another scheme', 'ftp://127.0.0.1/', {}, 'ERR_INVALID_ARG_TYPE'],
    ['a fragment', 'ws://127.0.0.1/#x', {}, 'ERR_INVALID_ARG_TYPE'],
    ['a socket without a path', 'ws+unix:', {}, 'ERR_INVALID_ARG_TYPE'],
    ['a subprotocol that is no token', 'ws://127.0.0.1/', { protocols: 'a b' }, 'ERR_INVALID_ARG_TYPE'],
    ['a subprotocol twice', 'ws://127.0.0.1/', { protocols: ['a', 'a'] }, 'ERR_OUT_OF_RANGE'],
    ['an origin that is no text', 'ws://127.0.0.1/', { origin: 5 }, 'ERR_INVALID_ARG_TYPE'],
    ['redirects that are no number', 'ws://127.0.0.1/', { maxRedirects: '1' }, 'ERR_INVALID_ARG_TYPE'],
    ['a header that would split the request', 'ws://127.0.0.1/', { headers: { a: 'b\r\nc: d' } }, 'ERR_INVALID_CHAR'],
    ['a timeout that is no number', 'ws://127.0.0.1/', { timeout: '1' }, 'ERR_INVALID_ARG_TYPE'],
    ['a limit of nothing', 'ws://127.0.0.1/', { maxPayload: 0 }, 'ERR_OUT_OF_RANGE'],
  ])('%s', async (_what, url, options, code) => {
    await run(() => expect(thrownBy(() => connect(url, options as ConnectOptions))).toBe(code));
  });
});

test('outside of a green thread it does not connect', () => {
  expect(() => connect('ws://127.0.0.1:1/')).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_NOT_GREEN' }));
});
