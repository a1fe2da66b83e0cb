// What handlers throw, and answers that cannot be sent: who is told, what the client gets, and whether the connection lives.
import { availableHubs } from 'verdant/hub';
import { HttpError, type Request, Response, serve } from 'verdant/http';
import { thrown } from '../../core/thrown';
import { onHub } from '../../net/support/hubs';
import { answerFrom, answerTo, ask, codeOf, connected, request, serving, until } from './support/talk';

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  test('an error is told to the hook and answered by a bare 500; the connection goes on', () => {
    const told: unknown[] = [];
    const failure = new Error('secret');
    return serving(
      (incoming: Request) => {
        if (incoming.path === '/fail') throw failure;
        return new Response('fine');
      },
      { onError: (error, incoming) => void told.push([error, incoming?.path]) },
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /fail') + request('GET /'));
          const answer = answerFrom(socket);
          expect(answer).toMatchObject({ status: 500, body: 'Internal Server Error\n' });
          expect(answerFrom(socket)).toMatchObject({ status: 200, body: 'fine' });
        });
        expect(told).toEqual([[failure, '/fail']]);
        expect(server.stats()).toMatchObject({ failed: 1, requests: 2 });
      },
    );
  });

  test('the hook may give the answer', () =>
    serving(
      () => {
        throw new Error('x');
      },
      { onError: () => Response.json({ sorry: true }, { status: 502 }) },
      (server) => {
        expect(answerTo(server, request('GET /'))).toMatchObject({ status: 502, body: '{"sorry":true}' });
      },
    ));

  test('an HttpError is an answer, and no failure below 500', () => {
    const told: unknown[] = [];
    return serving(
      () => {
        throw new HttpError(404, 'No such thing');
      },
      { onError: (error) => void told.push(error) },
      (server) => {
        expect(answerTo(server, request('GET /'))).toMatchObject({ status: 404, body: 'No such thing\n' });
        expect(told).toEqual([]);
      },
    );
  });

  test('a rejected promise is like a thrown error', () => {
    const told: unknown[] = [];
    return serving(
      () => Promise.reject(new Error('later')),
      { onError: (error) => void told.push((error as Error).message) },
      (server) => {
        expect(answerTo(server, request('GET /')).status).toBe(500);
        expect(told).toEqual(['later']);
      },
    );
  });

  test.each([
    ['nothing', () => undefined, 'ERR_VERDANT_HTTP_NO_RESPONSE'],
    ['a number', () => 5, 'ERR_VERDANT_HTTP_NO_RESPONSE'],
    ['a wrong header name', () => new Response('', { headers: { 'a b': 'c' } }), 'ERR_INVALID_HTTP_TOKEN'],
    ['a split header', () => new Response('', { headers: { a: 'b\r\nSet-Cookie: c' } }), 'ERR_INVALID_CHAR'],
    ['a header beyond latin1', () => new Response('', { headers: { a: '€' } }), 'ERR_INVALID_CHAR'],
    [
      'a wrong length',
      () => new Response('abc', { headers: { 'content-length': '4' } }),
      'ERR_VERDANT_HTTP_CONTENT_LENGTH',
    ],
    [
      'a foreign coding',
      () => new Response('abc', { headers: { 'transfer-encoding': 'gzip' } }),
      'ERR_VERDANT_HTTP_FRAMING',
    ],
    ['a wrong body', () => new Response(Symbol('x') as never), 'ERR_INVALID_ARG_TYPE'],
  ])('%s is no answer: nothing of it is sent, and there is a 500', (_name, handler, expected) => {
    const told: unknown[] = [];
    return serving(handler, { onError: (error) => void told.push((error as { code: string }).code) }, (server) => {
      connected(server, (socket) => {
        for (const _round of [1, 2]) {
          socket.sendAll(request('GET /'));
          expect(answerFrom(socket)).toMatchObject({ status: 500, body: 'Internal Server Error\n' });
        }
      });
      expect(told).toEqual([expected, expected]);
    });
  });

  test('a stream that fails in the middle breaks the connection, so that nobody takes it for the whole', () => {
    const told: unknown[] = [];
    function* failing(): Generator<string> {
      yield 'one';
      throw new Error('middle');
    }
    return serving(
      () => new Response(failing()),
      { onError: (error) => void told.push((error as Error).message) },
      (server) => {
        const outcome = thrown(() => {
          const text = ask(server, request('GET /'));
          expect(text).not.toContain('0\r\n\r\n');
        });
        expect([undefined, 'ECONNRESET']).toContain((outcome as { code?: string } | undefined)?.code);
        until(() => told.length > 0);
        expect(told).toEqual(['middle']);
      },
    );
  });

  test('a stream shorter or longer than its Content-Length breaks the connection', () => {
    const told: unknown[] = [];
    return serving(
      (incoming: Request) =>
        new Response(incoming.path === '/short' ? ['ab'] : ['ab', 'cdef'], { headers: { 'content-length': '3' } }),
      { onError: (error) => void told.push((error as { code: string }).code) },
      (server) => {
        for (const path of ['/short', '/long']) thrown(() => ask(server, request(`GET ${path}`)));
        until(() => told.length === 2);
        expect(told).toEqual(['ERR_VERDANT_HTTP_CONTENT_LENGTH', 'ERR_VERDANT_HTTP_CONTENT_LENGTH']);
      },
    );
  });

  test('a body can be read once', () => {
    const codes: unknown[] = [];
    return serving(
      (incoming: Request) => {
        incoming.text();
        codes.push(
          incoming.bodyUsed,
          codeOf(() => incoming.text()),
          codeOf(() => [...incoming.body!]),
        );
        return new Response('x');
      },
      {},
      (server) => {
        answerTo(server, request('POST /', ['Content-Length: 1'], 'x'));
        expect(codes).toEqual([true, 'ERR_VERDANT_HTTP_BODY_USED', 'ERR_VERDANT_HTTP_BODY_USED']);
      },
    );
  });

  test('a body that is no JSON is answered by 400', () =>
    serving(
      (incoming: Request) => Response.json(incoming.json()),
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(
            request('POST /', ['Content-Length: 1'], '{') + request('POST /', ['Content-Length: 2'], '{}'),
          );
          expect(answerFrom(socket).status).toBe(400);
          expect(answerFrom(socket)).toMatchObject({ status: 200, body: '{}' });
        });
      },
    ));

  test('a bad chunk is answered by 400 when the handler meets it', () =>
    serving(
      (incoming: Request) => new Response(incoming.text()),
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('POST /', ['Transfer-Encoding: chunked'], '5\r\nhello\r\n'));
          until(() => server.stats().running === 1);
          socket.sendAll('zz\r\n');
          expect(answerFrom(socket)).toMatchObject({ status: 400, headers: { connection: 'close' } });
        });
      },
    ));

  test('wrong arguments are refused', () => {
    const handler = (): string => 'x';
    expect(codeOf(() => serve('127.0.0.1:0', 5 as never))).toBe('ERR_INVALID_ARG_TYPE');
    expect(codeOf(() => serve(null as never, handler))).toBe('ERR_INVALID_ARG_TYPE');
    for (const name of ['headerTimeout', 'bodyTimeout', 'idleTimeout', 'handlerTimeout', 'writeTimeout']) {
      expect(codeOf(() => serve('127.0.0.1:0', handler, { [name]: -1 }))).toBe('ERR_OUT_OF_RANGE');
    }
    for (const name of ['maxUrlSize', 'maxHeaderSize', 'maxHeaders', 'maxBodySize', 'concurrency', 'maxConnections']) {
      expect(codeOf(() => serve('127.0.0.1:0', handler, { [name]: -1 }))).toBe('ERR_OUT_OF_RANGE');
      expect(codeOf(() => serve('127.0.0.1:0', handler, { [name]: 'x' }))).toBe('ERR_INVALID_ARG_TYPE');
    }
    for (const name of ['pool', 'log', 'onError', 'killOnDisconnect']) {
      expect(codeOf(() => serve('127.0.0.1:0', handler, { [name]: 1 }))).toBe('ERR_INVALID_ARG_TYPE');
    }
    expect(codeOf(() => new Response('', { status: 199 }))).toBe('ERR_OUT_OF_RANGE');
    expect(codeOf(() => new Response('', { statusText: 'a\nb' }))).toBe('ERR_INVALID_CHAR');
    expect(codeOf(() => Response.redirect('/', 200))).toBe('ERR_OUT_OF_RANGE');
    expect(codeOf(() => new HttpError(200))).toBe('ERR_OUT_OF_RANGE');
  });
});
