// What a handler may return, and what goes out for it.
import { Readable } from 'node:stream';
import { sleep } from 'verdant';
import { availableHubs } from 'verdant/hub';
import { Headers, Response } from 'verdant/http';
import { onHub } from '../../net/support/hubs';
import { answerTo, ask, request, serving } from './support/talk';

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  const closing = request('GET /', ['Connection: close']);

  test('the whole answer is a status line, headers with date and length, and the body', () =>
    serving(
      () => new Response('hello', { headers: { 'X-Name': 'value' } }),
      {},
      (server) => {
        expect(ask(server, closing).replace(/Date: .*GMT/, 'Date: now')).toBe(
          'HTTP/1.1 200 OK\r\nX-Name: value\r\nContent-Type: text/plain;charset=UTF-8\r\nDate: now\r\n' +
            'Connection: close\r\nContent-Length: 5\r\n\r\nhello',
        );
      },
    ));

  test('text, bytes and the web’s own Response are answers too', () => {
    const results: Record<string, () => unknown> = {
      '/text': () => 'täxt',
      '/bytes': () => Buffer.from([1, 2, 3]),
      '/web': () => new globalThis.Response('web', { status: 201, headers: { 'x-a': 'b' } }),
      '/promise': () => Promise.resolve('later'),
    };
    return serving(
      (incoming: { path: string }) => results[incoming.path]!(),
      {},
      (server) => {
        expect(answerTo(server, request('GET /text'))).toMatchObject({
          status: 200,
          headers: { 'content-type': 'text/plain; charset=utf-8', 'content-length': '5' },
          body: Buffer.from('täxt').toString('latin1'),
        });
        expect(answerTo(server, request('GET /bytes'))).toMatchObject({
          headers: { 'content-type': 'application/octet-stream' },
          body: '\x01\x02\x03',
        });
        expect(answerTo(server, request('GET /web'))).toMatchObject({
          status: 201,
          headers: { 'x-a': 'b', 'transfer-encoding': 'chunked' },
          body: 'web',
        });
        expect(answerTo(server, request('GET /promise'))).toMatchObject({ status: 200, body: 'later' });
      },
    );
  });

  test.each([
    ['a generator that blocks', () => blocking()],
    ['an async generator', () => asynchronous()],
    ['a Readable', () => Readable.from([Buffer.from('one'), Buffer.from('two')])],
    ['a ReadableStream', () => new globalThis.Response('onetwo').body!],
    ['an array of pieces', () => ['one', Buffer.alloc(0), new Uint8Array(Buffer.from('two'))]],
    ['a Blob', () => new Blob(['one', 'two'])],
  ])('%s is sent piece by piece', (_name, make) =>
    serving(
      () => new Response(make()),
      {},
      (server) => {
        const answer = answerTo(server, request('GET /'));
        expect(answer).toMatchObject({ headers: { 'transfer-encoding': 'chunked' }, body: 'onetwo' });
        expect(answer.headers).not.toHaveProperty('content-length');
      },
    ),
  );

  test('the head is out before the first piece is there', () =>
    serving(
      () => new Response(blocking(50)),
      {},
      (server) => {
        expect(ask(server, closing)).toMatch(/\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n$/);
      },
    ));

  test('a stream with a Content-Length is sent as it is', () =>
    serving(
      () => new Response(['one', 'two'], { headers: { 'Content-Length': '6' } }),
      {},
      (server) => {
        const answer = answerTo(server, request('GET /'));
        expect(answer).toMatchObject({ headers: { 'content-length': '6' }, body: 'onetwo' });
        expect(answer.headers).not.toHaveProperty('transfer-encoding');
      },
    ));

  test('large bodies arrive in whole', () => {
    const large = 'x'.repeat(5_000_000);
    const bodies: Record<string, unknown> = {
      '/text': large,
      '/bytes': Buffer.from(large),
      '/wide': '€'.repeat(300_000),
    };
    return serving(
      (incoming: { path: string }) => new Response(bodies[incoming.path] as string),
      {},
      (server) => {
        expect(answerTo(server, request('GET /text')).body).toBe(large);
        expect(answerTo(server, request('GET /bytes')).body).toBe(large);
        const wide = answerTo(server, request('GET /wide')).body;
        expect(Buffer.from(wide, 'latin1').toString()).toBe(bodies['/wide']);
      },
    );
  });

  test('text goes out as UTF-8, whatever its letters', () =>
    serving(
      (incoming: { path: string }) => new Response({ '/a': 'a', '/e': 'é', '/u': '€', '/s': '\ud800' }[incoming.path]),
      {},
      (server) => {
        const texts = ['/a', '/e', '/u', '/s'].map((path) => answerTo(server, request(`GET ${path}`)).body);
        expect(texts.map((text) => Buffer.from(text, 'latin1').toString())).toEqual(['a', 'é', '€', '\ufffd']);
      },
    ));

  test('headers keep their spelling, and several of one name stay several', () => {
    const headers = new Headers({ 'X-OnE': '1' });
    headers.append('Set-Cookie', 'a=1');
    headers.append('set-cookie', 'b=2');
    return serving(
      () => new Response(null, { headers }),
      {},
      (server) => {
        expect(ask(server, closing)).toContain('X-OnE: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n');
      },
    );
  });

  test('the handler’s own Date, status text and Content-Type stand', () =>
    serving(
      () => new Response('{}', { status: 299, statusText: 'Fine', headers: { date: 'never', 'content-type': 'x/y' } }),
      {},
      (server) => {
        const text = ask(server, closing);
        expect(text).toMatch(/^HTTP\/1\.1 299 Fine\r\n/);
        expect(text.match(/date:/gi)).toHaveLength(1);
        expect(text.match(/content-type:/gi)).toHaveLength(1);
      },
    ));

  test('Response.json and Response.redirect', () =>
    serving(
      (incoming: { path: string }) =>
        incoming.path === '/json' ? Response.json({ a: 'ü' }, { status: 201 }) : Response.redirect('/there', 303),
      {},
      (server) => {
        expect(answerTo(server, request('GET /json'))).toMatchObject({
          status: 201,
          headers: { 'content-type': 'application/json' },
        });
        expect(answerTo(server, request('GET /'))).toMatchObject({ status: 303, headers: { location: '/there' } });
      },
    ));
});

function* blocking(ms = 1): Generator<string> {
  sleep(ms);
  yield 'one';
  sleep(ms);
  yield 'two';
}

async function* asynchronous(): AsyncGenerator<string> {
  yield 'one';
  await new Promise((resolve) => setTimeout(resolve, 1));
  yield 'two';
}
