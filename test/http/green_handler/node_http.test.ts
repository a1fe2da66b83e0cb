// greenHandler as a request listener of node:http, https and http2: handlers block, and nobody else does.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, request as secureRequest } from 'node:https';
import { connect, createServer as createHttp2Server } from 'node:http2';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { getCurrent, iterate, Queue, sleep, spawn, wait } from 'verdant';
import { greenHandler } from 'verdant/http';
import * as certificates from '../../support/certificates';
import { useVirtualClock } from '../../support/virtual_clock';
import { ask, bodyOf } from './support/ask';
import { serving, stopServing } from './support/serving';

afterEach(stopServing);

describe('a listener of node:http', () => {
  it('runs on a green thread of its own, with the request and the response', async () => {
    const threads = new Set<unknown>();
    const handler = greenHandler((req: IncomingMessage, res: ServerResponse) => {
      threads.add(getCurrent()?.id);
      res.end(`hello ${req.url}`);
    });
    const url = await serving(createServer(handler));
    expect([await bodyOf(`${url}/a`), await bodyOf(`${url}/b`)]).toEqual(['hello /a', 'hello /b']);
    expect(threads.size).toBe(2);
    expect(threads).not.toContain(undefined);
  });

  it('may sleep, hop through a queue, wait for a promise and for other green threads', async () => {
    const [work, done] = [new Queue<string>(), new Queue<string>()];
    const worker = spawn(() => done.put(work.get().toUpperCase()));
    const handler = greenHandler((_req, res: ServerResponse) => {
      sleep(1);
      work.put('hop');
      const thread = spawn(() => wait(Promise.resolve('thread')));
      res.end(`${done.get()} ${thread.wait()}`);
    });
    expect(await bodyOf(await serving(createServer(handler)))).toBe('HOP thread');
    await worker;
  });

  it('may wait for a fetch of its own server', async () => {
    const server = createServer(
      greenHandler((req, res) => {
        if (req.url === '/inner') res.end('inner');
        else res.end(`outer ${wait(bodyOf(`${url}/inner`))}`);
      }),
    );
    const url = await serving(server);
    expect(await bodyOf(url)).toBe('outer inner');
  });

  it('reads a body in blocking style, by pieces or as a whole', async () => {
    const url = await serving(
      createServer(
        greenHandler((req, res) => {
          if (req.url === '/whole') res.end(wait(text(req)));
          else res.end(String(Buffer.concat([...iterate<Buffer>(req)]).length));
        }),
      ),
    );
    const body = 'x'.repeat(300_000);
    expect((await ask(`${url}/whole`, { method: 'POST', body: 'text' })).body).toBe('text');
    expect((await ask(`${url}/pieces`, { method: 'POST', body })).body).toBe('300000');
  });

  it('may return before it answers', async () => {
    const url = await serving(
      createServer(
        greenHandler((_req, res) => {
          setImmediate(() => res.end('later'));
        }),
      ),
    );
    expect(await bodyOf(url)).toBe('later');
  });

  it('has the AsyncLocalStorage stores of the caller, before and after it has blocked', async () => {
    const storage = new AsyncLocalStorage<string>();
    const inner = greenHandler((_req, res: ServerResponse) => {
      const before = storage.getStore();
      sleep(1);
      res.end(`${before} ${storage.getStore()}`);
    });
    const url = await serving(createServer((req, res) => storage.run(req.url!, () => inner(req, res))));
    expect(await Promise.all(['/a', '/b', '/c'].map((path) => bodyOf(url + path)))).toEqual([
      '/a /a',
      '/b /b',
      '/c /c',
    ]);
  });

  it('keeps `this`, the name and the length of the function', async () => {
    function answer(this: unknown, _req: unknown, res: ServerResponse): void {
      res.end(String(this === server));
    }
    const handler = greenHandler(answer);
    expect([handler.name, handler.length]).toEqual(['answer', 2]);
    const server = createServer(handler);
    expect(await bodyOf(await serving(server))).toBe('true');
  });
});

describe('many at a time', () => {
  const hub = useVirtualClock();

  it('sleep together: a hundred handlers that sleep 50 ms are through after 50 ms', async () => {
    const ends: number[] = [];
    let arrived = 0;
    const all = new Queue<undefined>();
    const handler = greenHandler((_req, res: ServerResponse) => {
      arrived += 1;
      // Virtual time would go on while requests are still on their way.
      if (arrived === 100) for (let i = 0; i < 100; i += 1) all.put(undefined);
      all.get();
      sleep(50);
      ends.push(hub().time());
      res.end();
    });
    const url = await serving(createServer(handler));
    const began = hub().time();
    await Promise.all(Array.from({ length: 100 }, () => ask(url)));
    expect(new Set(ends)).toEqual(new Set([began + 50]));
    expect(ends).toHaveLength(100);
  });
});

describe('the other modules of Node', () => {
  it('serves node:https', async () => {
    const handler = greenHandler((_req, res: ServerResponse) => {
      sleep(1);
      res.end('secure');
    });
    const url = await serving(createSecureServer(certificates.server, handler), 'https');
    const asked = secureRequest(url, { ca: certificates.ca, servername: 'localhost', agent: false }).end();
    const [response] = (await once(asked, 'response')) as [Parameters<typeof text>[0]];
    expect(await text(response)).toBe('secure');
  });

  it('serves node:http2 by its compatibility API', async () => {
    const server = createHttp2Server(
      greenHandler((req, res) => {
        const body = wait(text(req));
        sleep(1);
        res.end(`${req.httpVersion} ${body}`);
      }),
    );
    const client = connect(await serving(server));
    const stream = client.request({ ':method': 'POST', ':path': '/' });
    stream.end('body');
    expect(await text(stream)).toBe('2.0 body');
    client.close();
  });

  it('answers 500 on node:http2, or resets a stream that was begun', async () => {
    const errors: unknown[] = [];
    const server = createHttp2Server(
      greenHandler(
        (req, res) => {
          if (req.url === '/begun') res.write('half');
          sleep(1);
          throw new Error(req.url);
        },
        { onError: (error) => errors.push((error as Error).message) },
      ),
    );
    const client = connect(await serving(server));
    const fresh = client.request({ ':path': '/fresh' });
    const [headers] = (await once(fresh, 'response')) as [Record<string, unknown>];
    expect([headers[':status'], await text(fresh)]).toEqual([500, 'Internal Server Error\n']);
    const begun = client.request({ ':path': '/begun' });
    await expect(text(begun)).rejects.toMatchObject({ code: 'ERR_HTTP2_STREAM_ERROR' });
    expect(errors).toEqual(['/fresh', '/begun']);
    client.close();
  });
});
