// blocking() on Node's own promise APIs: fs, dns, timers, streams, fetch and ES modules work as they are.
import { promises as dns } from 'node:dns';
import * as fs from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import * as streams from 'node:stream/promises';
import * as timers from 'node:timers/promises';
import { blocking, spawn } from 'verdant';
import { runChild } from '../support/children';
import { errorOf, green } from './support/outcome';

describe('blocking(fs)', () => {
  it('reads a file', async () => {
    const read = await green(() => blocking(fs).promises.readFile(__filename, 'utf8'));
    expect(read).toBe(fs.readFileSync(__filename, 'utf8'));
  });

  it('throws the error of Node', async () => {
    const error = await errorOf(() => blocking(fs.promises).readFile('/no/such/file'));
    expect(error).toMatchObject({ code: 'ENOENT', syscall: 'open' });
  });

  it('leaves the functions that return no promise alone', () => {
    expect(blocking(fs).existsSync(__filename)).toBe(true);
  });

  it('opens a file whose handle can be made blocking too', async () => {
    const size = await green(() => {
      const handle = blocking(fs.promises).open(__filename);
      const file = blocking(handle);
      try {
        return file.stat().size;
      } finally {
        file.close();
      }
    });
    expect(size).toBe(fs.statSync(__filename).size);
  });
});

describe('blocking(dns.promises)', () => {
  it('looks a name up', async () => {
    expect(await green(() => blocking(dns).lookup('127.0.0.1'))).toEqual({ address: '127.0.0.1', family: 4 });
  });

  it('makes resolvers', () => {
    const Resolver = blocking(dns).Resolver;
    const resolver = new Resolver();
    resolver.setServers(['127.0.0.1:5353']);
    expect(resolver.getServers()).toEqual(['127.0.0.1:5353']);
    expect(resolver).toBeInstanceOf(dns.Resolver);
  });
});

describe('blocking(timers/promises)', () => {
  it('waits', async () => {
    expect(await green(() => blocking(timers).setTimeout(1, 'waited'))).toBe('waited');
  });

  it('throws AbortError on abort', async () => {
    const signal = AbortSignal.abort();
    expect(await errorOf(() => blocking(timers).setTimeout(1, 0, { signal }))).toMatchObject({ name: 'AbortError' });
  });
});

describe('blocking(stream/promises)', () => {
  it('runs a pipeline', async () => {
    const chunks: string[] = [];
    await green(() =>
      blocking(streams).pipeline(
        Readable.from(['a', 'b']),
        new Writable({
          write(chunk, _, done) {
            chunks.push(String(chunk));
            done();
          },
        }),
      ),
    );
    expect(chunks).toEqual(['a', 'b']);
  });
});

describe('blocking on a client that fetches', () => {
  let server: Server;
  let origin: string;

  beforeAll(async () => {
    server = createServer((request, response) => response.end(JSON.stringify({ path: request.url })));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('gets responses, whose bodies can be read through a view', async () => {
    const client = blocking({ fetch: (url: string) => fetch(url) });
    const threads = Array.from({ length: 20 }, (_, n) =>
      spawn(() => {
        const response = blocking(client.fetch(`${origin}/${n}`));
        return [response.status, response.json()];
      }),
    );
    expect(await Promise.all(threads)).toEqual(threads.map((_, n) => [200, { path: `/${n}` }]));
  });
});

it('sees ES modules, their namespaces and default exports', async () => {
  const result = await runChild(join(__dirname, 'children/blocking_modules.mjs'));
  expect(result).toEqual({ code: 0, signal: null, stdout: 'ok\n', stderr: '', timedOut: false });
});
