// fetch: the web's fetch, blocking: what is sent, what comes back, redirects, decoding, and its errors.
import { gzipSync, brotliCompressSync, deflateSync } from 'node:zlib';
import { Blob } from 'node:buffer';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { type RequestListener } from 'node:http';
import { run, sleep, spawn } from 'verdant';
import { fetch, FetchResponse, HttpClient, ResponseBody } from 'verdant/http';
import { code, thrown } from '../../core/thrown';
import { errorOf, green } from '../../bridge/support/outcome';
import * as certificates from '../../support/certificates';
import { closeOrigins, origin, secureOrigin } from './support/origin';

afterEach(closeOrigins);

const echo: RequestListener = (req, res) => {
  const answer = (body: string): void => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.headers, body }));
  };
  text(req).then(answer, () => undefined);
};

interface Echo {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

describe('fetch', () => {
  it('gives the answer in the shape of the web', async () => {
    const { url } = await origin((_req, res) => {
      res.writeHead(201, 'Made', { 'x-a': ['1', '2'], 'content-type': 'text/plain' });
      res.end('body');
    });
    const response = await green(() => fetch(`${url}/path?query#hash`));
    expect(response).toBeInstanceOf(FetchResponse);
    const { status, statusText, ok, redirected, bodyUsed, type } = response;
    expect({ status, statusText, ok, redirected, bodyUsed, type }).toEqual({
      status: 201,
      statusText: 'Made',
      ok: true,
      redirected: false,
      bodyUsed: false,
      type: 'basic',
    });
    expect(response.url).toBe(`${url}/path?query`);
    expect([response.headers.get('X-A'), response.headers.get('content-type')]).toEqual(['1, 2', 'text/plain']);
    expect(await green(() => response.text())).toBe('body');
    expect(response.bodyUsed).toBe(true);
  });

  it('gives the body in each of its shapes', async () => {
    const { url } = await origin((_req, res) =>
      res.writeHead(200, { 'content-type': 'application/json' }).end('{"a":1}'),
    );
    await run(() => {
      expect(fetch(url).json()).toEqual({ a: 1 });
      expect(String(fetch(url).bytes())).toBe('{"a":1}');
      expect(Buffer.from(fetch(url).arrayBuffer()).toString()).toBe('{"a":1}');
      const blob = fetch(url).blob();
      expect([blob.size, blob.type]).toEqual([7, 'application/json']);
      expect(Buffer.concat([...fetch(url).body!]).toString()).toBe('{"a":1}');
      const { body } = fetch(url);
      expect(body).toBeInstanceOf(ResponseBody);
      expect([String(body!.read()), body!.read(), body!.read()]).toEqual(['{"a":1}', null, null]);
    });
  });

  it('drops a byte order mark from text, as the web does', async () => {
    const { url } = await origin((_req, res) => res.end('\ufefftext'));
    expect(await green(() => fetch(url).text())).toBe('text');
  });

  it('gives a form', async () => {
    const form = new FormData();
    form.append('name', 'value');
    form.append('file', new Blob(['content']), 'a.txt');
    const sent = new globalThis.Response(form);
    const body = Buffer.from(await sent.clone().arrayBuffer());
    const { url } = await origin((_req, res) => {
      res.setHeader('content-type', sent.headers.get('content-type')!);
      res.end(body);
    });
    const got = await green(() => fetch(url).formData());
    expect(got).toBeInstanceOf(FormData);
    expect([got.get('name'), got.get('file')]).toEqual(['value', expect.objectContaining({ name: 'a.txt' })]);
  });

  it('can be read once, or twice by a clone', async () => {
    const { url } = await origin((_req, res) => res.end('x'.repeat(200_000)));
    await run(() => {
      const response = fetch(url);
      const copy = response.clone();
      expect([response.text().length, copy.text().length]).toEqual([200_000, 200_000]);
      expect(thrown(() => response.text())).toEqual(code('ERR_VERDANT_HTTP_BODY_USED'));
      expect(thrown(() => response.clone())).toEqual(code('ERR_VERDANT_HTTP_BODY_USED'));
      expect(thrown(() => [...response.body!])).toEqual(code('ERR_VERDANT_HTTP_BODY_USED'));
    });
  });

  it('keeps the answer for a clone when the other is cancelled', async () => {
    const { url } = await origin((_req, res) => res.end('x'.repeat(200_000)));
    await run(() => {
      const response = fetch(url);
      const copy = response.clone();
      response.cancel();
      expect(copy.text().length).toBe(200_000);
    });
  });

  it.each(['HEAD', 'GET'])('has no body to wait for in the answer to %s without one', async (method) => {
    const { url } = await origin((_req, res) => {
      if (method === 'GET') res.statusCode = 204;
      else res.setHeader('content-length', '5');
      res.end();
    });
    await run(() => {
      const response = fetch(url, { method });
      expect([response.text(), response.bytes().length, response.headers.get('content-length')]).toEqual([
        '',
        0,
        method === 'GET' ? null : '5',
      ]);
    });
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('decodes %s', async (coding, encode) => {
    const { url } = await origin((_req, res) => {
      res.setHeader('content-encoding', coding);
      res.end(encode('plain '.repeat(10_000)));
    });
    expect(await green(() => fetch(url).text())).toBe('plain '.repeat(10_000));
  });

  it('fetches data: URLs', async () => {
    expect(await green(() => fetch('data:text/plain,hello').text())).toBe('hello');
  });
});

describe('what fetch sends', () => {
  it.each<[string, NonNullable<Parameters<typeof fetch>[1]>['body'], string, string | undefined]>([
    ['text', 'täxt', 'täxt', 'text/plain;charset=UTF-8'],
    ['bytes', new Uint8Array([104, 105]), 'hi', undefined],
    ['a part of a buffer', Buffer.from('xhix').subarray(1, 3), 'hi', undefined],
    ['an ArrayBuffer', new Uint8Array([104, 105]).buffer, 'hi', undefined],
    ['URLSearchParams', new URLSearchParams({ a: '1' }), 'a=1', 'application/x-www-form-urlencoded;charset=UTF-8'],
    ['a Blob', new Blob(['hi'], { type: 'text/x' }), 'hi', 'text/x'],
    ['an array of text and bytes', ['h', Buffer.from('i')], 'hi', undefined],
    ['a Node stream', Readable.from(['h', 'i']), 'hi', undefined],
    ['a web stream', new globalThis.Blob(['hi']).stream() as never, 'hi', undefined],
  ])('sends %s', async (_, body, expected, type) => {
    const { url } = await origin(echo);
    const answer = (await green(() => fetch(url, { method: 'POST', body }).json())) as Echo;
    expect([answer.body, answer.headers['content-type']]).toEqual([expected, type]);
  });

  it('sends what a generator makes that blocks', async () => {
    const { url } = await origin(echo);
    function* words() {
      for (const word of ['one ', 'two ', 'three']) {
        sleep(1);
        yield word;
      }
    }
    const answer = (await green(() => fetch(url, { method: 'PUT', body: words() }).json())) as Echo;
    expect([answer.method, answer.body]).toEqual(['PUT', 'one two three']);
  });

  it('sends a form, also one of the global FormData', async () => {
    const { url } = await origin(echo);
    const form = new FormData();
    form.append('name', 'value');
    form.append('file', new Blob(['content']), 'a.txt');
    const { body, headers } = (await green(() => fetch(url, { method: 'POST', body: form }).json())) as Echo;
    expect(headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(body).toContain('name="file"; filename="a.txt"');
    expect(body).toContain('value');
  });

  it.each([
    ['an object', { 'X-A': 'b' }],
    ['pairs', [['X-A', 'b']] as [string, string][]],
    ['Headers', new Headers({ 'X-A': 'b' })],
  ])('sends headers given as %s', async (_, headers) => {
    const { url } = await origin(echo);
    const answer = (await green(() => fetch(url, { headers }).json())) as Echo;
    expect(answer.headers['x-a']).toBe('b');
  });

  it('takes the global Request, which is of another undici', async () => {
    const { url } = await origin(echo);
    const asked = new globalThis.Request(`${url}/p`, { method: 'POST', body: 'hi', headers: { 'x-a': 'b' } });
    const answer = (await green(() => fetch(asked).json())) as Echo;
    expect([answer.method, answer.url, answer.body, answer.headers['x-a']]).toEqual(['POST', '/p', 'hi', 'b']);
  });

  it('throws what the body throws, and closes the connection', async () => {
    const server = await origin(echo);
    const failure = new Error('no more');
    function* body() {
      yield 'some';
      sleep(1);
      throw failure;
    }
    expect(await errorOf(() => fetch(server.url, { method: 'POST', body: body() }))).toBe(failure);
    await server.quiet();
  });
});

describe('redirects', () => {
  const redirecting: RequestListener = (req, res) => {
    const [, kind, left] = req.url!.split('/');
    if (kind === 'see') res.writeHead(303, { location: '/echo' }).end();
    else if (kind === 'keep') res.writeHead(307, { location: '/echo' }).end();
    else if (kind === 'hops' && left !== '0') res.writeHead(302, { location: `/hops/${Number(left) - 1}` }).end();
    else echo(req, res);
  };

  it('are followed, with the method and the body that belong to them', async () => {
    const { url } = await origin(redirecting);
    await run(() => {
      const see = fetch(`${url}/see`, { method: 'POST', body: 'hi' });
      expect([see.redirected, see.url]).toEqual([true, `${url}/echo`]);
      expect(see.json()).toMatchObject({ method: 'GET', body: '' });
      expect(fetch(`${url}/keep`, { method: 'POST', body: 'hi' }).json()).toMatchObject({ method: 'POST', body: 'hi' });
    });
  });

  it('are given as they are, or are an error', async () => {
    const { url } = await origin(redirecting);
    await run(() => {
      const manual = fetch(`${url}/see`, { redirect: 'manual' });
      expect([manual.status, manual.headers.get('location')]).toEqual([303, '/echo']);
      manual.cancel();
      expect(thrown(() => fetch(`${url}/see`, { redirect: 'error' }))).toMatchObject({ message: 'fetch failed' });
    });
  });

  it('end at their limit', async () => {
    const { url } = await origin(redirecting);
    await run(() => {
      expect(fetch(`${url}/hops/3`, { maxRedirections: 3 }).ok).toBe(true);
      expect(thrown(() => fetch(`${url}/hops/4`, { maxRedirections: 3 }))).toEqual(
        code('ERR_VERDANT_HTTP_TOO_MANY_REDIRECTS'),
      );
      expect(thrown(() => fetch(`${url}/hops/21`))).toMatchObject({ message: 'fetch failed' });
    });
  });
});

describe('errors', () => {
  it('has the code of the cause', async () => {
    const { url, server } = await origin(echo);
    await new Promise((resolve) => server.close(resolve));
    const error = await errorOf(() => fetch(url));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'fetch failed', code: 'ECONNREFUSED', cause: { code: 'ECONNREFUSED' } });
  });

  it('says what was wrong with TLS', async () => {
    const { url } = await secureOrigin(echo);
    expect(await errorOf(() => fetch(url))).toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  it('trusts what its client is told to trust', async () => {
    const { url } = await secureOrigin(echo);
    const trusting = new HttpClient({ tls: { ca: certificates.ca } });
    const careless = new HttpClient({ tls: { rejectUnauthorized: false } });
    await run(() => {
      expect(fetch(url, { client: trusting }).ok).toBe(true);
      expect(fetch(url, { client: careless }).ok).toBe(true);
      trusting.destroy();
      careless.destroy();
    });
  });

  it('says that the server has closed the connection', async () => {
    const { url } = await origin((req) => req.socket.destroy());
    expect(await errorOf(() => fetch(url))).toMatchObject({ code: 'UND_ERR_SOCKET' });
  });

  it('throws in the middle of a body that breaks off', async () => {
    const { url } = await origin((_req, res) => {
      res.writeHead(200, { 'content-length': '100' });
      res.write('some', () => res.destroy());
    });
    expect(await errorOf(() => fetch(url).text())).toMatchObject({ message: 'terminated', code: 'UND_ERR_SOCKET' });
  });

  it.each([
    ['a bad URL', () => fetch('nowhere'), 'ERR_INVALID_URL'],
    ['a timeout that is no number', () => fetch('http://x/', { timeout: '1' as never }), 'ERR_INVALID_ARG_TYPE'],
    ['a negative headersTimeout', () => fetch('http://x/', { headersTimeout: -1 }), 'ERR_OUT_OF_RANGE'],
    ['a signal that is none', () => fetch('http://x/', { signal: {} as never }), 'ERR_INVALID_ARG_TYPE'],
    ['a client that is none', () => fetch('http://x/', { client: {} as never }), 'ERR_INVALID_ARG_TYPE'],
    ['a dispatcher that is none', () => fetch('http://x/', { dispatcher: {} as never }), 'ERR_INVALID_ARG_TYPE'],
    ['a body that is none', () => fetch('http://x/', { method: 'POST', body: 1 as never }), 'ERR_INVALID_ARG_TYPE'],
  ])('refuses %s', async (_, call, expected) => {
    expect(await errorOf(call)).toEqual(code(expected));
  });

  it('refuses a caller that cannot block', () => {
    expect(thrown(() => fetch('http://127.0.0.1/'))).toEqual(code('ERR_VERDANT_NOT_GREEN'));
  });

  it('refuses a second reader while one reads', async () => {
    const { url } = await origin((_req, res) => {
      res.write('x');
    });
    await run(() => {
      const response = fetch(url);
      expect(String(response.body!.read())).toBe('x');
      const reader = spawn(() => response.body!.read());
      sleep(0);
      expect(thrown(() => response.body!.read())).toEqual(code('ERR_VERDANT_CONCURRENT_USE'));
      reader.kill();
    });
  });
});
