// Where messages begin and end: keep-alive, both versions, pipelines, bodiless answers, 100-continue, unread bodies.
import { sleep } from 'verdant';
import { availableHubs, getHub } from 'verdant/hub';
import { type Request, Response } from 'verdant/http';
import { onHub } from '../../net/support/hubs';
import { answerFrom, answerTo, ask, connected, request, serving, until } from './support/talk';

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  test('a connection serves one request after the other', () =>
    serving(
      (incoming: Request) => new Response(incoming.path),
      {},
      (server) => {
        connected(server, (socket) => {
          for (const path of ['/a', '/b', '/c']) {
            socket.sendAll(request(`GET ${path}`));
            expect(answerFrom(socket).body).toBe(path);
          }
        });
        expect(server.stats()).toMatchObject({ accepted: 1, requests: 3 });
      },
    ));

  test('pipelined requests are answered in order, whatever each takes', () =>
    serving(
      (incoming: Request) => {
        sleep(Number(incoming.search.slice(1)));
        return new Response(incoming.path);
      },
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(
            request('GET /a?20') + request('POST /b?0', ['Content-Length: 3'], 'xyz') + request('GET /c?5'),
          );
          expect([1, 2, 3].map(() => answerFrom(socket).body)).toEqual(['/a', '/b', '/c']);
        });
      },
    ));

  test('a request that comes byte by byte is one request', () =>
    serving(
      (incoming: Request) => new Response(`${incoming.headers.get('x-a')} ${incoming.text()}`),
      {},
      (server) => {
        connected(server, (socket) => {
          for (const byte of request('POST /path', ['X-A: some value', 'Content-Length: 4'], 'body')) {
            socket.sendAll(byte);
            sleep(0);
          }
          expect(answerFrom(socket).body).toBe('some value body');
        });
      },
    ));

  test('HTTP/1.0 closes by default, and goes on if it is asked for', () =>
    serving(
      () => new Response('x'),
      {},
      (server) => {
        expect(ask(server, 'GET / HTTP/1.0\r\n\r\n')).toMatch(
          /^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*\r\n\r\nx$/,
        );
        connected(server, (socket) => {
          for (const _round of [1, 2]) {
            socket.sendAll('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
            expect(answerFrom(socket).headers).toMatchObject({ connection: 'keep-alive', 'content-length': '1' });
          }
        });
      },
    ));

  test('a stream to HTTP/1.0 ends with the connection and is not chunked', () =>
    serving(
      () => new Response(['one', 'two']),
      {},
      (server) => {
        const text = ask(server, 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
        expect(text).toMatch(/Connection: close\r\n\r\nonetwo$/);
        expect(text).not.toContain('chunked');
      },
    ));

  test('an answer to HEAD has the headers of GET and no body', () =>
    serving(
      (incoming: Request) => new Response(incoming.path === '/stream' ? ['a', 'b'] : 'hällo'),
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('HEAD /') + request('HEAD /stream') + request('GET /'));
          expect(answerFrom(socket, true).headers).toMatchObject({ 'content-length': '6' });
          expect(answerFrom(socket, true).headers).toMatchObject({ 'transfer-encoding': 'chunked' });
          expect(answerFrom(socket).body).toHaveLength(6);
        });
      },
    ));

  test.each([
    ['refused', request('HEAD /', ['Content-Length: x']), 400],
    ['too slow', 'HEAD / HTTP/1.1\r\nHost: a.test\r\n', 408],
  ])('a HEAD that is %s has no body in its answer', (_why, bytes, status) =>
    serving(
      () => 'never',
      { headerTimeout: 50 },
      (server) => {
        expect(ask(server, bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*Content-Length: [1-9]\\d*\r\n\r\n$`));
      },
    ),
  );

  test('HEAD lets a handler say the length without the body', () =>
    serving(
      () => new Response(null, { headers: { 'Content-Length': '12345' } }),
      {},
      (server) => {
        expect(answerTo(server, request('HEAD /')).headers).toMatchObject({ 'content-length': '12345' });
      },
    ));

  test.each([204, 304])('an answer with %i has no body, even if the handler gives one', (status) =>
    serving(
      (incoming: Request) => new Response(incoming.path === '/stream' ? ['never'] : 'never', { status }),
      {},
      (server) => {
        for (const path of ['/', '/stream']) {
          const text = ask(server, request(`GET ${path}`, ['Connection: close']));
          expect(text).toMatch(/\r\n\r\n$/);
          expect(text).not.toMatch(/never|Content-Length|chunked/);
        }
      },
    ),
  );

  test('100 Continue is sent when the body is asked for, and not before', () => {
    let reading = false;
    return serving(
      (incoming: Request) => {
        sleep(20);
        reading = true;
        return new Response(incoming.text());
      },
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('POST /', ['Expect: 100-continue', 'Content-Length: 4']));
          expect(socket.recvLine()).toBe('HTTP/1.1 100 Continue');
          expect(reading).toBe(true);
          expect(socket.recvLine()).toBe('');
          socket.sendAll('body');
          expect(answerFrom(socket)).toMatchObject({ status: 200, body: 'body' });
          socket.sendAll(request('GET /'));
          expect(answerFrom(socket).status).toBe(200);
        });
      },
    );
  });

  test('who does not read an expected body answers without 100 Continue, and the connection ends', () =>
    serving(
      () => new Response('no', { status: 403 }),
      {},
      (server) => {
        const text = ask(server, request('POST /', ['Expect: 100-continue', 'Content-Length: 4']));
        expect(text).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[^]*Connection: close\r\n/);
      },
    ));

  test('another expectation is refused', () =>
    serving(
      () => new Response('no'),
      {},
      (server) => {
        expect(ask(server, request('POST /', ['Expect: cake', 'Content-Length: 4']))).toMatch(/^HTTP\/1\.1 417 /);
        expect(server.stats()).toMatchObject({ refused: 1, requests: 0 });
      },
    ));

  test('a body that nobody reads is skipped, and the connection goes on', () =>
    serving(
      (incoming: Request) => new Response(incoming.path),
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('POST /a', ['Content-Length: 100000']));
          expect(answerFrom(socket).body).toBe('/a');
          socket.sendAll('x'.repeat(100_000));
          socket.sendAll(request('POST /b', ['Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n'));
          expect(answerFrom(socket).body).toBe('/b');
          socket.sendAll(request('GET /c'));
          expect(answerFrom(socket).body).toBe('/c');
        });
      },
    ));

  test('a large body that nobody reads ends the connection, and the answer arrives all the same', () =>
    serving(
      () => new Response('x'.repeat(100)),
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('POST /', ['Content-Length: 10000000']));
          expect(answerFrom(socket).body).toHaveLength(100);
          // The server has closed its side: it takes some more, and then breaks the connection.
          expect(() => {
            for (;;) socket.sendAll('x'.repeat(100_000), { timeout: 20_000 });
          }).toThrow(/EPIPE|ECONNRESET/);
        });
        until(() => server.stats().connections === 0);
      },
    ));

  test('trailers are kept apart from headers', () =>
    serving(
      (incoming: Request) => {
        const text = incoming.text();
        return Response.json({ text, headers: incoming.headers.get('x-t'), trailers: [...incoming.trailers] });
      },
      {},
      (server) => {
        const body = '5\r\nhello\r\n0\r\nX-T: trailer\r\nHost: other\r\n\r\n';
        expect(JSON.parse(answerTo(server, request('POST /', ['Transfer-Encoding: chunked'], body)).body)).toEqual({
          text: 'hello',
          headers: null,
          trailers: [
            ['host', 'other'],
            ['x-t', 'trailer'],
          ],
        });
      },
    ));

  test('an idle connection holds no green thread', () =>
    serving(
      () => new Response('x'),
      {},
      (server) => {
        const sockets = Array.from({ length: 20 }, () => 0);
        const open = (): void => {
          if (sockets.pop() === undefined) {
            until(() => server.stats().running === 0);
            expect(server.stats()).toMatchObject({ connections: 20, idle: 20 });
            expect(getHub().stats().greenThreads).toBe(2); // this one and the one that accepts
            return;
          }
          connected(server, (socket) => {
            socket.sendAll(request('GET /'));
            answerFrom(socket);
            open();
          });
        };
        open();
      },
    ));
});
