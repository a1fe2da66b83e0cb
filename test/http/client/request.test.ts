// request: the lower client: what it sends, head, trailers and body of the answer, redirects if asked for, errors.
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { once } from 'node:events';
import { MockAgent } from 'undici';
import { run, sleep } from 'verdant';
import { ClientResponse, fetch, HttpClient, request } from 'verdant/http';
import { code, thrown } from '../../core/thrown';
import { errorOf, green } from '../../bridge/support/outcome';
import * as certificates from '../../support/certificates';
import { closeOrigins, origin, rawOrigin, secureOrigin } from './support/origin';

afterEach(closeOrigins);

const echo: RequestListener = (req, res) => {
  const answer = (body: string): void => {
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

function echoed(...args: Parameters<typeof request>): Echo {
  return request(...args).body.json() as Echo;
}

describe('request', () => {
  it('gives head, body and trailers', async () => {
    const { url } = await origin((_req, res) => {
      res.writeHead(201, 'Made', { 'X-A': ['1', '2'], trailer: 'x-sum' });
      res.write('body');
      res.addTrailers({ 'X-Sum': '42' });
      res.end();
    });
    await run(() => {
      const response = request(url);
      expect(response).toBeInstanceOf(ClientResponse);
      expect([response.statusCode, response.statusText]).toEqual([201, 'Made']);
      expect(response.headers['x-a']).toEqual(['1', '2']);
      expect([response.body.text(), response.trailers]).toEqual(['body', { 'x-sum': '42' }]);
    });
  });

  it('sends method, query, headers and body', async () => {
    const { url } = await origin(echo);
    function* body() {
      yield 'one ';
      sleep(1);
      yield Buffer.from('two');
    }
    await run(() => {
      const sent = echoed(`${url}/p?a=1`, {
        method: 'put',
        query: { b: 2, c: ['x', 'y'] },
        headers: { 'X-A': 'b', left: undefined },
        body: body(),
      });
      expect(sent).toMatchObject({ method: 'PUT', url: '/p?a=1&b=2&c=x&c=y', body: 'one two' });
      expect([sent.headers['x-a'], sent.headers.left]).toEqual(['b', undefined]);
      expect(echoed(url, { headers: new Headers({ 'X-A': 'c' }) }).headers['x-a']).toBe('c');
      const form = echoed(url, { method: 'POST', body: new URLSearchParams({ a: 'b c' }) });
      expect([form.body, form.headers['content-type']]).toEqual([
        'a=b+c',
        'application/x-www-form-urlencoded;charset=UTF-8',
      ]);
      const parts = new FormData();
      parts.append('name', 'value');
      expect(echoed(url, { method: 'POST', body: parts }).body).toContain('name="name"');
    });
  });

  it('decodes nothing', async () => {
    const packed = gzipSync('text');
    const { url } = await origin((_req, res) => res.setHeader('content-encoding', 'gzip').end(packed));
    expect(await green(() => request(url).body.bytes())).toEqual(packed);
  });

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('has an empty body for %s and %i', async (method, status) => {
    const { url } = await origin((_req, res) => res.writeHead(status).end());
    await run(() => {
      const { body, statusCode } = request(url, { method });
      expect([statusCode, body.read(), body.read()]).toEqual([status, null, null]);
    });
  });

  it('passes over informational answers', async () => {
    const { url } = await origin((_req, res) => {
      res.writeEarlyHints({ link: '</a.css>; rel=preload' });
      res.end('final');
    });
    expect(await green(() => request(url).body.text())).toBe('final');
  });

  it('takes a redirect for an answer, or follows as many as it is told to', async () => {
    const { url } = await origin((req, res) => {
      if (req.url === '/') res.writeHead(302, { location: '/a' }).end();
      else if (req.url === '/a') res.writeHead(307, { location: '/b' }).end();
      else res.end(req.url);
    });
    await run(() => {
      using first = request(url);
      expect([first.statusCode, first.headers.location]).toEqual([302, '/a']);
      const second = request(url, { maxRedirections: 1 });
      expect(second.statusCode).toBe(307);
      second.body.dump();
      expect(request(url, { maxRedirections: 2 }).body.text()).toBe('/b');
    });
  });

  it('takes any dispatcher of undici in place of a client', async () => {
    const agent = new MockAgent();
    agent.disableNetConnect();
    agent.get('http://mocked.test').intercept({ path: '/' }).reply(200, 'mocked').times(2);
    const dispatcher = agent as never;
    await run(() => {
      expect(request('http://mocked.test/', { dispatcher }).body.text()).toBe('mocked');
      expect(fetch('http://mocked.test/', { dispatcher }).text()).toBe('mocked');
    });
    await agent.close();
  });
});

describe('where it connects to', () => {
  it('speaks through a Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'verdant-client-'));
    const socketPath = join(folder, 'socket');
    const server = createServer(echo).listen(socketPath);
    await once(server, 'listening');
    await run(() => {
      using client = new HttpClient({ socketPath });
      expect(echoed('http://somewhere/p', { client })).toMatchObject({ url: '/p', headers: { host: 'somewhere' } });
      expect(fetch('http://somewhere/q', { client }).json()).toMatchObject({ url: '/q' });
    });
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  it('trusts whom the client trusts', async () => {
    const { url } = await secureOrigin(echo);
    await run(() => {
      using client = new HttpClient({ tls: { ca: certificates.ca } });
      expect(echoed(url, { client }).method).toBe('GET');
      expect(thrown(() => request(url))).toEqual(code('UNABLE_TO_VERIFY_LEAF_SIGNATURE'));
    });
  });
});

describe('errors', () => {
  it('are those of the system', async () => {
    const { url, server } = await origin(echo);
    await new Promise((resolve) => server.close(resolve));
    expect(await errorOf(() => request(url))).toEqual(code('ECONNREFUSED'));
  });

  it('come when the server closes or speaks no HTTP', async () => {
    const closing = await rawOrigin((socket) => socket.end());
    expect(await errorOf(() => request(closing.url))).toEqual(code('UND_ERR_SOCKET'));
    const rude = await rawOrigin((socket) => socket.end('no HTTP\r\n\r\n'));
    expect(await errorOf(() => request(rude.url))).toMatchObject({ name: 'HTTPParserError' });
  });

  it('come in the middle of a body, behind what had come before', async () => {
    const { url } = await origin((_req, res) => {
      res.writeHead(200, { 'content-length': '100' });
      res.write('some', () => res.destroy());
    });
    await run(() => {
      const { body } = request(url);
      expect(String(body.read())).toBe('some');
      expect(thrown(() => body.read())).toEqual(code('UND_ERR_SOCKET'));
      expect(thrown(() => request(url).body.text())).toEqual(code('UND_ERR_SOCKET'));
    });
  });

  it('are what the body throws', async () => {
    const server = await origin(echo);
    const failure = new Error('no more');
    function* body() {
      yield 'some';
      throw failure;
    }
    expect(await errorOf(() => request(server.url, { method: 'POST', body: body() }))).toBe(failure);
    const wrong = [1] as never;
    expect(await errorOf(() => request(server.url, { method: 'POST', body: wrong }))).toEqual(
      code('ERR_INVALID_ARG_TYPE'),
    );
    await server.quiet();
  });

  it.each([
    ['a bad URL', () => request('nowhere'), 'ERR_INVALID_URL'],
    ['another protocol', () => request('ftp://127.0.0.1/'), 'ERR_INVALID_PROTOCOL'],
    ['a header that would be two', () => request('http://x/', { headers: { a: 'b\r\nc: d' } }), 'UND_ERR_INVALID_ARG'],
    ['a method that is none', () => request('http://x/', { method: 'A B' }), 'UND_ERR_INVALID_ARG'],
    ['a number of redirects that is none', () => request('http://x/', { maxRedirections: -1 }), 'ERR_OUT_OF_RANGE'],
    ['options that are none', () => request('http://x/', 1 as never), 'ERR_INVALID_ARG_TYPE'],
  ])('refuses %s', async (_, call, expected) => {
    expect(await errorOf(call)).toEqual(code(expected));
  });

  it('refuses a caller that cannot block', () => {
    expect(thrown(() => request('http://127.0.0.1/'))).toEqual(code('ERR_VERDANT_NOT_GREEN'));
  });
});
