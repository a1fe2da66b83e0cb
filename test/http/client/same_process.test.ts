// A green thread drives clients, of verdant and of others, against servers whose handlers are green, all on one thread.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer, type IncomingMessage, request as nodeRequest } from 'node:http';
import { once as eventOnce } from 'node:events';
import { text } from 'node:stream/consumers';
import { fetch as undiciFetch, request as undiciRequest } from 'undici';
import { GreenPool, once, run, sleep, wait } from 'verdant';
import { fetch, greenHandler, request, type Request, Response, serve } from 'verdant/http';
import { describeEveryHub } from '../../support/every_hub';

interface Serving {
  url: string;
  close: () => void;
}

/** Called on a green thread. */
const servers: [string, () => Serving][] = [
  [
    'verdant/http',
    () => {
      const server = serve('127.0.0.1:0', (asked: Request) => {
        sleep(1);
        return new Response(`${asked.method} ${asked.path} ${asked.text()}`);
      });
      return { url: `http://127.0.0.1:${portOf(server.address)}`, close: () => server.close({ timeout: 100 }) };
    },
  ],
  [
    'greenHandler on node:http',
    () => {
      const server = createServer(
        greenHandler((req, res) => {
          sleep(1);
          res.end(`${req.method} ${req.url} ${wait(text(req))}`);
        }),
      );
      server.listen(0, '127.0.0.1');
      wait(eventOnce(server, 'listening'));
      const close = (): void => {
        server.closeAllConnections();
        server.close();
        once(server, 'close');
      };
      return { url: `http://127.0.0.1:${portOf(server.address())}`, close };
    },
  ],
];

const clients: [string, (url: string) => string][] = [
  ['fetch', (url) => fetch(url, { method: 'POST', body: ['bo', 'dy'] }).text()],
  ['request', (url) => request(url, { method: 'POST', body: ['bo', 'dy'] }).body.text()],
  ["Node's own fetch", (url) => wait(wait(globalThis.fetch(url, { method: 'POST', body: 'body' })).text())],
  ["undici's fetch", (url) => wait(wait(undiciFetch(url, { method: 'POST', body: 'body' })).text())],
  ["undici's request", (url) => wait(wait(undiciRequest(url, { method: 'POST', body: 'body' })).body.text())],
  [
    'node:http',
    (url) => {
      const asked = nodeRequest(url, { method: 'POST', agent: false });
      asked.end('body');
      const [response] = once(asked, 'response') as [IncomingMessage];
      return wait(text(response));
    },
  ],
];

function portOf(address: unknown): number {
  return (address as { port: number }).port;
}

describeEveryHub(() => {
  describe.each(servers)('%s', (_server, start) => {
    it.each(clients)('serves %s, one at a time and many', async (_client, ask) => {
      await run(() => {
        const { url, close } = start();
        try {
          expect(ask(`${url}/one`)).toBe('POST /one body');
          const paths = Array.from({ length: 20 }, (_, i) => `/${i}`);
          const answers = new GreenPool(10).map((path: string) => ask(url + path), paths);
          expect(answers).toEqual(paths.map((path) => `POST ${path} body`));
        } finally {
          close();
        }
      });
    });
  });
});

it('keeps the stores of whoever asks', async () => {
  const storage = new AsyncLocalStorage<number>();
  await run(() => {
    const { url, close } = servers[0]![1]();
    const stores = new GreenPool(5).map(
      (n: number) =>
        storage.run(n, () => {
          fetch(url).text();
          request(url).body.text();
          return storage.getStore();
        }),
      [1, 2, 3, 4, 5],
    );
    expect(stores).toEqual([1, 2, 3, 4, 5]);
    close();
  });
});

it('passes on what fetch has got, as a proxy does', async () => {
  await run(() => {
    const { url, close } = servers[0]![1]();
    const proxy = serve('127.0.0.1:0', (asked: Request) =>
      fetch(url + asked.path, { method: asked.method, body: asked.body }),
    );
    const answer = fetch(`http://127.0.0.1:${portOf(proxy.address)}/x`, { method: 'POST', body: ['bo', 'dy'] });
    expect(answer.text()).toBe('POST /x body');
    proxy.close({ timeout: 100 });
    close();
  });
});
