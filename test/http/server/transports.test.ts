// What a server can listen on: TCP, IPv6, Unix sockets, TLS; and what it tells of the two ends.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, sleep } from 'verdant';
import { availableHubs, getHub } from 'verdant/hub';
import { type HttpServer, type ListenOn, type Request, Response, serve } from 'verdant/http';
import { listen, type Socket } from 'verdant/net';
import * as tls from 'verdant/tls';
import { onHub } from '../../net/support/hubs';
import { ca, server as pair } from '../../support/certificates';
import { answerFrom, connected, request, rest, until } from './support/talk';

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  function serving(
    on: ListenOn,
    handler: (incoming: Request) => unknown,
    body: (server: HttpServer) => void,
  ): Promise<void> {
    return run(() => {
      const server = serve(on, handler, { idleTimeout: 1000 });
      try {
        body(server);
      } finally {
        server.close({ timeout: 0 });
      }
      sleep(0);
      expect(getHub().stats()).toMatchObject({ listeners: 0 });
    });
  }

  // Small, large, streamed and pipelined: all that a transport has to do.
  function expectAll(socket: Socket): void {
    const body = 'x'.repeat(300_000);
    socket.sendAll(request('GET /small') + request('POST /echo', ['Content-Length: 300000'], body));
    expect(answerFrom(socket).body).toBe('/small');
    expect(answerFrom(socket).body).toBe(body);
    socket.sendAll(request('GET /stream'));
    expect(answerFrom(socket).body).toBe('onetwo');
    socket.sendAll(request('GET /last', ['Connection: close']));
    expect(answerFrom(socket).body).toBe('/last');
    expect(rest(socket)).toBe('');
  }

  const handler = (incoming: Request): Response => {
    if (incoming.path === '/stream') return new Response(['one', 'two']);
    return new Response(incoming.path === '/echo' ? incoming.text() : incoming.path);
  };

  test('a listener, an address, a port', async () => {
    expect.hasAssertions();
    await serving(listen('127.0.0.1:0'), handler, (server) => connected(server, expectAll));
    await serving({ host: '127.0.0.1', port: 0 }, handler, (server) => connected(server, expectAll));
    await serving(0, handler, ({ address }) => {
      connected(`127.0.0.1:${address.port}`, expectAll);
    });
  });

  test('IPv6', () =>
    serving(
      '[::1]:0',
      (incoming) => new Response(`${incoming.remoteAddress!.family} ${incoming.localAddress!.host}`),
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /'));
          expect(answerFrom(socket).body).toBe('IPv6 ::1');
        });
      },
    ));

  test('a Unix socket, whose path is gone afterwards', async () => {
    expect.hasAssertions();
    const folder = mkdtempSync(join(tmpdir(), 'verdant-http-'));
    const path = join(folder, 'socket');
    try {
      await serving({ path }, handler, () => connected({ path }, expectAll));
      await serving({ path }, handler, () => connected({ path }, expectAll));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('TLS, and the scheme of request.url', async () => {
    const urls: string[] = [];
    const remember = (incoming: Request): Response => {
      urls.push(incoming.url);
      return handler(incoming);
    };
    await serving(tls.listen('127.0.0.1:0', { ...pair }), remember, (server) => {
      const socket = tls.connect(server.address, { ca });
      expectAll(socket);
      socket.close();
      until(() => server.stats().connections === 0);
    });
    expect(urls).toEqual(['/small', '/echo', '/stream', '/last'].map((path) => `https://a.test${path}`));
  });

  test('an idle TLS connection holds no green thread, and is closed with the server', async () => {
    await serving(tls.listen('127.0.0.1:0', { ...pair }), handler, (server) => {
      const socket = tls.connect(server.address, { ca });
      socket.sendAll(request('GET /x'));
      answerFrom(socket);
      until(() => server.stats().running === 0 && getHub().stats().greenThreads === 2);
      server.close();
      expect(rest(socket)).toBe('');
      socket.close();
    });
  });

  test('a client that is gone aborts the signal, over TLS too', async () => {
    let aborted = false;
    const wait = ({ signal }: Request): string => {
      signal.addEventListener('abort', () => (aborted = true));
      until(() => signal.aborted);
      return 'x';
    };
    await serving(tls.listen('127.0.0.1:0', { ...pair }), wait, (server) => {
      const socket = tls.connect(server.address, { ca });
      socket.sendAll(request('GET /x'));
      until(() => server.stats().running === 1);
      socket.close();
      until(() => server.stats().connections === 0);
      expect(aborted).toBe(true);
    });
  });

  test('a client that does not speak TLS harms nobody', async () => {
    await serving(tls.listen('127.0.0.1:0', { ...pair }), handler, (server) => {
      connected(server, (socket) => {
        socket.sendAll(request('GET /'));
        until(() => server.stats().accepted === 1 && server.stats().connections === 0);
      });
      const socket = tls.connect(server.address, { ca });
      expectAll(socket);
      socket.close();
    });
  });
});
