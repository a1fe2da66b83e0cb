// Times and sizes: what takes too long or is too large, how many run at a time, and where.
import { GreenPool, sleep } from 'verdant';
import { availableHubs } from 'verdant/hub';
import { type Request, Response } from 'verdant/http';
import { onHub } from '../../net/support/hubs';
import { answerFrom, answerTo, ask, codeOf, connected, request, rest, serving, until } from './support/talk';

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);
  const hello = (): Response => new Response('hello');

  test('a head that does not come to its end is answered by 408, however steadily it comes', () =>
    serving(hello, { headerTimeout: 60 }, (server) => {
      connected(server, (socket) => {
        socket.sendAll('GET / HTTP/1.1\r\n');
        for (let line = 0; line < 100 && server.stats().timedOut === 0; line += 1) {
          socket.sendAll(`X-${line}: y\r\n`);
          sleep(5);
        }
        expect(rest(socket)).toMatch(/^HTTP\/1\.1 408 /);
      });
    }));

  test('who sends nothing is closed without a word', () =>
    serving(hello, { headerTimeout: 20 }, (server) => {
      expect(ask(server)).toBe('');
    }));

  test('an idle connection is closed without a word', () =>
    serving(hello, { idleTimeout: 20 }, (server) => {
      connected(server, (socket) => {
        socket.sendAll(request('GET /'));
        answerFrom(socket);
        expect(rest(socket)).toBe('');
      });
    }));

  test('a body that does not come to its end is answered by 408', () =>
    serving(
      (incoming: Request) => new Response(incoming.text()),
      { bodyTimeout: 40 },
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('POST /', ['Content-Length: 1000'], 'x'));
          for (let byte = 0; byte < 200 && server.stats().timedOut === 0; byte += 1) {
            socket.sendAll('x');
            sleep(2);
          }
          expect(answerFrom(socket)).toMatchObject({ status: 408, headers: { connection: 'close' } });
        });
      },
    ));

  test('a timeout of the handler’s own is its own error', () => {
    const codes: unknown[] = [];
    return serving(
      (incoming: Request) => {
        codes.push(codeOf(() => incoming.text({ timeout: 10 })));
        return new Response('gave up', { status: 503 });
      },
      {},
      (server) => {
        expect(answerTo(server, request('POST /', ['Content-Length: 1000'], 'x')).status).toBe(503);
        expect(codes).toEqual(['ERR_VERDANT_TIMEOUT']);
      },
    );
  });

  test('a handler that takes too long is killed, and answered by 503', () => {
    const ended: string[] = [];
    return serving(
      () => {
        try {
          sleep(20_000);
        } finally {
          ended.push('finally');
        }
      },
      { handlerTimeout: 20, onError: () => undefined },
      (server) => {
        connected(server, (socket) => {
          for (const _round of [1, 2]) {
            socket.sendAll(request('GET /'));
            expect(answerFrom(socket)).toMatchObject({ status: 503, body: 'Service Unavailable\n' });
          }
        });
        expect(ended).toEqual(['finally', 'finally']);
        expect(server.stats()).toMatchObject({ timedOut: 2 });
      },
    );
  });

  test('a client that takes nothing is given up', () =>
    serving(
      () => new Response(Buffer.alloc(50_000_000)),
      { writeTimeout: 50 },
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /'));
          until(() => server.stats().connections === 0);
          expect(server.stats()).toMatchObject({ aborted: 1, running: 0 });
        });
      },
    ));

  test('what is too large has its own status', () =>
    serving(
      (incoming: Request) => new Response(incoming.text()),
      { maxUrlSize: 100, maxHeaderSize: 500, maxHeaders: 10, maxBodySize: 50 },
      (server) => {
        const statusOf = (bytes: string): number => answerTo(server, bytes).status;
        expect(statusOf(request(`GET /${'x'.repeat(99)}`))).toBe(200);
        expect(statusOf(request(`GET /${'x'.repeat(100)}`))).toBe(414);
        expect(statusOf(request('GET /', ['X: '.padEnd(600, 'x')]))).toBe(431);
        expect(
          statusOf(
            request(
              'GET /',
              Array.from({ length: 9 }, () => 'X: y'),
            ),
          ),
        ).toBe(200);
        expect(
          statusOf(
            request(
              'GET /',
              Array.from({ length: 10 }, () => 'X: y'),
            ),
          ),
        ).toBe(431);
        expect(statusOf(request('POST /', ['Content-Length: 50'], 'x'.repeat(50)))).toBe(200);
        expect(statusOf(request('POST /', ['Content-Length: 51']))).toBe(413);
        const chunk = `1f\r\n${'x'.repeat(31)}\r\n`;
        expect(statusOf(request('POST /', ['Transfer-Encoding: chunked'], chunk + chunk))).toBe(413);
      },
    ));

  test('only so many handlers run at a time, first come first served', () => {
    let running = 0;
    let most = 0;
    const order: string[] = [];
    return serving(
      (incoming: Request) => {
        running += 1;
        most = Math.max(most, running);
        order.push(incoming.path);
        sleep(5);
        running -= 1;
        return new Response('x');
      },
      { concurrency: 2 },
      (server) => {
        const paths = Array.from({ length: 6 }, (_, at) => `/${at}`);
        openAll(server, paths, () => {
          until(() => order.length === 6);
        });
        expect(most).toBe(2);
        expect(order).toEqual(paths);
      },
    );
  });

  test('handlers run in the pool that is given, and never more of them than it has places', () => {
    const pool = new GreenPool(2);
    let most = 0;
    let handled = 0;
    return serving(
      () => {
        most = Math.max(most, pool.running());
        sleep(3);
        handled += 1;
        return new Response('x');
      },
      { pool },
      (server) => {
        openAll(server, ['/a', '/b', '/c', '/d', '/e'], () => until(() => handled === 5));
        expect(most).toBe(2);
        until(() => pool.running() === 0);
      },
    );
  });

  test('only so many connections are accepted', () =>
    serving(hello, { maxConnections: 1 }, (server) => {
      connected(server, (first) => {
        first.sendAll(request('GET /'));
        answerFrom(first);
        connected(server, (second) => {
          second.sendAll(request('GET /'));
          sleep(10);
          expect(server.stats()).toMatchObject({ accepted: 1, requests: 1 });
          first.close();
          expect(answerFrom(second).body).toBe('hello');
        });
      });
    }));
});

// Sends one request on each of several connections that are open at a time.
function openAll(server: Parameters<typeof connected>[0], paths: readonly string[], then: () => void): void {
  const [path, ...others] = paths;
  if (path === undefined) {
    then();
    return;
  }
  connected(server, (socket) => {
    socket.sendAll(request(`GET ${path}`));
    sleep(0);
    openAll(server, others, then);
    answerFrom(socket);
  });
}
