// Handlers with two parameters: node:http's shapes, blocking on a green thread and callable from anywhere.
import { sleep } from 'verdant';
import { availableHubs } from 'verdant/hub';
import { type IncomingMessage, type ServerResponse } from 'verdant/http';
import { onHub } from '../../net/support/hubs';
import { answerFrom, answerTo, ask, codeOf, connected, request, serving } from './support/talk';

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  test('the request has node:http’s fields', () => {
    const seen: unknown[] = [];
    const handler: Handler = (incoming, response) => {
      const { method, url, httpVersion, headers, rawHeaders, socket } = incoming;
      seen.push({ method, url, httpVersion, headers, rawHeaders, address: socket.remoteAddress });
      response.end();
    };
    return serving(handler, {}, (server) => {
      answerTo(server, request('PUT /p?q=1', ['X-A: 1', 'x-a: 2', 'Cookie: a', 'Cookie: b', 'Set-Cookie: c']));
      expect(seen).toEqual([
        {
          method: 'PUT',
          url: '/p?q=1',
          httpVersion: '1.1',
          headers: { host: 'a.test', 'x-a': '1, 2', cookie: 'a; b', 'set-cookie': ['c'] },
          rawHeaders: ['Host', 'a.test', 'X-A', '1', 'x-a', '2', 'Cookie', 'a', 'Cookie', 'b', 'Set-Cookie', 'c'],
          address: '127.0.0.1',
        },
      ]);
    });
  });

  test('end() with all of the body says its length', () =>
    serving(
      (_incoming, response) => {
        response.setHeader('X-A', 'b');
        response.writeHead(201, 'Made', { 'X-C': ['1', '2'] });
        response.end('hällo');
      },
      {},
      (server) => {
        const text = ask(server, request('GET /', ['Connection: close']));
        expect(text).toMatch(/^HTTP\/1\.1 201 Made\r\nX-A: b\r\nX-C: 1\r\nX-C: 2\r\n[^]*Content-Length: 6\r\n\r\n/);
      },
    ));

  test('write() streams, and blocks between', () =>
    serving(
      (_incoming, response) => {
        expect(response.headersSent).toBe(false);
        response.write('one');
        expect(response.headersSent).toBe(true);
        sleep(5);
        response.write(Buffer.from('two'));
        response.end('three');
        expect(response.writableFinished).toBe(true);
      },
      {},
      (server) => {
        expect(answerTo(server, request('GET /'))).toMatchObject({
          headers: { 'transfer-encoding': 'chunked' },
          body: 'onetwothree',
        });
      },
    ));

  test('the body can be read in blocking style', () =>
    serving(
      (incoming, response) => {
        if (incoming.url === '/json') response.end(JSON.stringify(incoming.json()));
        else for (const piece of incoming) response.write(piece);
        response.end();
      },
      {},
      (server) => {
        const text = '{"a":1}';
        const length = `Content-Length: ${text.length}`;
        expect(answerTo(server, request('POST /json', [length], text)).body).toBe(text);
        expect(answerTo(server, request('POST /pieces', [length], text)).body).toBe(text);
      },
    ));

  test('the body can be read by events, pipe and for await', () => {
    const handlers: Record<string, Handler> = {
      '/events': (incoming, response) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (piece: string) => (text += piece));
        incoming.on('end', () => response.end(text));
      },
      '/await': async (incoming, response) => {
        let text = '';
        for await (const piece of incoming) text += String(piece);
        response.end(text);
      },
    };
    return serving(
      (incoming, response) => handlers[incoming.url]!(incoming, response),
      {},
      (server) => {
        for (const path of Object.keys(handlers)) {
          const body = 'x'.repeat(200_000);
          expect(answerTo(server, request(`POST ${path}`, ['Content-Length: 200000'], body)).body).toBe(body);
        }
      },
    );
  });

  test('a response may be written from callbacks that are on no green thread', () =>
    serving(
      (_incoming, response) => {
        setTimeout(() => {
          response.setHeader('X-A', 'b');
          response.write('one');
          setImmediate(() => response.end('two'));
        }, 1);
      },
      {},
      (server) => {
        connected(server, (socket) => {
          for (const _round of [1, 2]) {
            socket.sendAll(request('GET /'));
            expect(answerFrom(socket)).toMatchObject({ headers: { 'x-a': 'b' }, body: 'onetwo' });
          }
        });
      },
    ));

  test('headers cannot be changed once they are sent, nor anything be written behind the end', async () => {
    const codes: unknown[] = [];
    await serving(
      (_incoming, response) => {
        response.write('x');
        codes.push(codeOf(() => response.setHeader('a', 'b')));
        codes.push(codeOf(() => response.writeHead(200)));
        response.end();
        codes.push(codeOf(() => response.write('y')));
      },
      {},
      (server) => {
        expect(answerTo(server, request('GET /')).body).toBe('x');
      },
    );
    expect(codes).toEqual(['ERR_HTTP_HEADERS_SENT', 'ERR_HTTP_HEADERS_SENT', 'ERR_STREAM_WRITE_AFTER_END']);
  });

  test('wrong headers throw before anything is sent', async () => {
    const codes: unknown[] = [];
    await serving(
      (_incoming, response) => {
        codes.push(codeOf(() => response.setHeader('a b', 'c')));
        codes.push(codeOf(() => response.setHeader('a', 'b\r\nc: d')));
        codes.push(codeOf(() => response.writeHead(200, 'O\nK')));
        codes.push(codeOf(() => response.writeHead(99)));
        response.end('fine');
      },
      {},
      (server) => {
        expect(answerTo(server, request('GET /'))).toMatchObject({ status: 200, body: 'fine' });
      },
    );
    expect(codes).toEqual(['ERR_INVALID_HTTP_TOKEN', 'ERR_INVALID_CHAR', 'ERR_INVALID_CHAR', 'ERR_OUT_OF_RANGE']);
  });

  test('finish and close are told', async () => {
    const events: string[] = [];
    await serving(
      (_incoming, response) => {
        response.on('finish', () => events.push('finish'));
        response.on('close', () => events.push('close'));
        response.end('x');
      },
      {},
      (server) => void answerTo(server, request('GET /')),
    );
    expect(events).toEqual(['finish', 'close']);
  });
});
