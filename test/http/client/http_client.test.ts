// HttpClient: connections are used again, limited, closed; the default one keeps no process alive; proxies.
import { connect as netConnect } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { Event, run, spawn } from 'verdant';
import { fetch, getDefaultClient, HttpClient, request, setDefaultClient } from 'verdant/http';
import { runChild } from '../../support/children';
import { code, thrown } from '../../core/thrown';
import { errorOf, green } from '../../bridge/support/outcome';
import * as certificates from '../../support/certificates';
import { destroyClients, newClient } from './support/clients';
import { type Origin, origin, secureOrigin } from './support/origin';

afterEach(destroyClients);

const hello = (): Promise<Origin> => origin((req, res) => res.end(`hello ${req.url}`));

describe('connections', () => {
  it('are used again by requests that follow each other', async () => {
    const { url, connections } = await hello();
    await run(() => {
      for (let i = 0; i < 5; i += 1) {
        expect(fetch(`${url}/f`).text()).toBe('hello /f');
        expect(request(`${url}/r`).body.text()).toBe('hello /r');
      }
    });
    // Two, in turn: undici lets a connection rest for one pass of the loop, and the next request does not wait for that.
    expect(connections.length).toBeLessThanOrEqual(2);
  });

  it('are given back by a body that is dumped', async () => {
    const { url, connections } = await origin((_req, res) => res.end('x'.repeat(100_000)));
    await run(() => {
      for (let i = 0; i < 5; i += 1) request(url).body.dump();
      expect(connections.length).toBeLessThanOrEqual(2);
      for (let i = 0; i < 5; i += 1) request(url).body.dump({ limit: 10 });
    });
    expect(connections.length).toBeGreaterThanOrEqual(5);
  });

  it('are as many as requests at a time, or as the client allows', async () => {
    const { url, connections } = await hello();
    const ask = (client: HttpClient): Promise<string[]> =>
      run(() => [1, 2, 3, 4].map(() => spawn(() => fetch(url, { client }).text())).map((thread) => thread.wait()));
    await ask(newClient());
    expect(connections).toHaveLength(4);
    await ask(newClient({ connections: 1 }));
    expect(connections).toHaveLength(5);
  });

  it('are closed after keepAliveTimeout', async () => {
    // Else it says how long, and is obeyed.
    const server = await origin((_req, res) => res.end('hello /'), { keepAliveTimeout: 0 });
    const client = newClient({ keepAliveTimeout: 20 });
    expect(await green(() => fetch(server.url, { client }).text())).toBe('hello /');
    await server.quiet();
  });

  it('are closed after each request by reset', async () => {
    const { url, connections } = await hello();
    await run(() => {
      request(url, { reset: true }).body.text();
      request(url, { reset: true }).body.text();
    });
    expect(connections).toHaveLength(2);
  });

  it('keep no process alive, be it with the default client or another', async () => {
    const { url } = await hello();
    const result = await runChild(join(__dirname, 'children/idle.cjs'), { args: [url] });
    expect(result).toMatchObject({ code: 0, stdout: 'hello / hello /\n', stderr: '' });
  });
});

describe('the end of a client', () => {
  it('waits for what is under way, and takes nothing more', async () => {
    const [begun, go] = [new Event(), new Event()];
    const server = await origin((_req, res) => {
      begun.send();
      void run(() => {
        go.wait();
        res.end('done');
      });
    });
    const client = newClient();
    await run(() => {
      const asking = spawn(() => fetch(server.url, { client }).text());
      begun.wait();
      expect(thrown(() => client.close({ timeout: 5 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
      expect(thrown(() => fetch(server.url, { client }))).toEqual(code('UND_ERR_CLOSED'));
      go.send();
      client.close();
      expect(asking.wait()).toBe('done');
    });
    await server.quiet();
  });

  it('by destroy fails what is under way', async () => {
    const server = await origin(() => undefined);
    const client = newClient();
    const outcome = errorOf(() => request(server.url, { client }));
    await once(server.server, 'request');
    client.destroy();
    expect(await outcome).toEqual(code('UND_ERR_DESTROYED'));
    await server.quiet();
    client.destroy();
    expect(await errorOf(() => request(server.url, { client }))).toEqual(code('UND_ERR_DESTROYED'));
  });

  it('of a scope is its own', async () => {
    const server = await hello();
    await run(() => {
      using client = new HttpClient();
      fetch(server.url, { client }).text();
    });
    await server.quiet();
    expect(server.connections.length).toBe(1);
    {
      await using client = new HttpClient();
      await run(() => fetch(server.url, { client }).text());
    }
    await server.quiet();
  });

  it('comes, too, for one that was never used', async () => {
    const client = newClient();
    await run(() => client.close());
    await expect(client.closeAsync()).resolves.toBeUndefined();
  });
});

describe('the default client', () => {
  it('can be replaced', async () => {
    const { url, connections } = await hello();
    const before = setDefaultClient(newClient({ pipelining: 0 }));
    await run(() => {
      fetch(url).text();
      fetch(url).text();
    });
    expect(setDefaultClient(before)).not.toBe(before);
    expect(getDefaultClient()).toBe(before);
    expect(connections).toHaveLength(2);
  });
});

describe('proxies', () => {
  const names = ['http_proxy', 'https_proxy', 'no_proxy'];

  afterEach(() => {
    for (const name of names) Reflect.deleteProperty(process.env, name);
  });

  /** Answers requests for whole URLs, and makes tunnels. */
  async function proxy(): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = [];
    const server = await origin((req, res) => {
      asked.push(`${req.method} ${req.url}`);
      res.end('by proxy');
    });
    server.server.on('connect', (req: { url: string }, socket: NodeJS.ReadWriteStream, head: Buffer) => {
      asked.push(`CONNECT ${req.url}`);
      const [host, port] = req.url.split(':');
      const upstream = netConnect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.write(head);
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => undefined);
    });
    return { url: server.url, asked };
  }

  it('are those of the environment', async () => {
    const { url, asked } = await proxy();
    process.env.http_proxy = url;
    const client = newClient();
    await run(() => {
      expect(fetch('http://nowhere.test/a', { client }).text()).toBe('by proxy');
      expect(request('http://nowhere.test/b', { client }).body.text()).toBe('by proxy');
    });
    expect(asked).toEqual(['GET http://nowhere.test/a', 'GET http://nowhere.test/b']);
  });

  it('are not asked for what no_proxy names', async () => {
    const { url, asked } = await proxy();
    const server = await hello();
    process.env.http_proxy = url;
    process.env.no_proxy = '127.0.0.1';
    const client = newClient();
    expect(await green(() => fetch(server.url, { client }).text())).toBe('hello /');
    expect(asked).toEqual([]);
  });

  it('make a tunnel for https', async () => {
    const { url, asked } = await proxy();
    const server = await secureOrigin((_req, res) => res.end('secret'));
    process.env.https_proxy = url;
    const client = newClient({ tls: { ca: certificates.ca } });
    expect(await green(() => fetch(server.url, { client }).text())).toBe('secret');
    expect(asked).toEqual([`CONNECT 127.0.0.1:${server.port}`]);
  });

  it('can be given, or be none', async () => {
    const { url, asked } = await proxy();
    const server = await hello();
    process.env.http_proxy = 'http://127.0.0.1:1';
    const [given, none] = [newClient({ proxy: url }), newClient({ proxy: null })];
    await run(() => {
      expect(fetch(server.url, { client: given }).text()).toBe('by proxy');
      expect(fetch(server.url, { client: none }).text()).toBe('hello /');
    });
    expect(asked).toEqual([`GET ${server.url}/`]);
  });
});

it.each([
  ['options that are none', () => new HttpClient(1 as never), 'ERR_INVALID_ARG_TYPE'],
  ['a negative timeout', () => new HttpClient({ bodyTimeout: -1 }), 'ERR_OUT_OF_RANGE'],
  ['a proxy that is none', () => new HttpClient({ proxy: 1 as never }), 'ERR_INVALID_ARG_TYPE'],
  ['TLS options that are none', () => new HttpClient({ tls: 1 as never }), 'ERR_INVALID_ARG_TYPE'],
  ['a default client that is none', () => setDefaultClient({} as never), 'ERR_INVALID_ARG_TYPE'],
])('refuses %s', (_, make, expected) => {
  expect(thrown(make)).toEqual(code(expected));
});
