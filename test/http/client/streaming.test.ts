// Streaming both ways: nobody is ahead of the other by more than the buffers between them hold; large bodies arrive whole.
import { createHash } from 'node:crypto';
import { type IncomingMessage, type RequestListener } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Event, getCurrent, run, sleep, spawn } from 'verdant';
import { ClientResponse, fetch, type FetchOptions, type FetchResponse, request } from 'verdant/http';
import { closeOrigins, origin } from './support/origin';

afterEach(closeOrigins);

const chunk = Buffer.alloc(65_536, 'x');

/** The kernel's buffers of both ends, and those of the streams on top. */
const window = 16 * 1024 * 1024;

const calls: [string, (url: string, options?: FetchOptions) => FetchResponse | ClientResponse][] = [
  ['fetch', fetch],
  ['request', request],
];

describe.each(calls)('%s', (_name, call) => {
  it('is not ahead of its reader by more than the window', async () => {
    let sent = 0;
    let closed: () => void;
    const over = new Promise<void>((resolve) => (closed = resolve));
    const { url } = await origin((_req, res) => {
      function* endless() {
        for (;;) {
          sent += chunk.length;
          yield chunk;
        }
      }
      pipeline(Readable.from(endless()), res).catch(() => closed());
    });
    await run(() => {
      let read = 0;
      for (const piece of call(url).body!) {
        read += piece.length;
        if (read > 1024) break;
      }
      let before = -1;
      // It does not grow any more once the buffers are full; nobody reads.
      while (sent !== before) {
        before = sent;
        sleep(20);
      }
    });
    await over;
    expect(sent).toBeLessThan(window);
  });

  it('does not make more of a body than the server takes', async () => {
    const taken = new Event<IncomingMessage>();
    const { url } = await origin((req) => taken.send(req));
    let made = 0;
    let closed = false;
    function* endless() {
      try {
        for (;;) {
          made += chunk.length;
          yield chunk;
        }
      } finally {
        closed = true;
      }
    }
    await run(() => {
      const asking = spawn(() => call(url, { method: 'POST', body: endless() }));
      taken.wait();
      let before = -1;
      while (made !== before) {
        before = made;
        sleep(20);
      }
      expect(made).toBeLessThan(window);
      asking.kill();
      asking.join();
      sleep(0);
    });
    expect(closed).toBe(true);
  });

  it('sends and receives large bodies whole', async () => {
    const hashing: RequestListener = (req, res) => {
      const hash = createHash('sha256');
      req.pipe(hash).on('finish', () => {
        res.setHeader('x-hash', hash.digest('hex'));
        res.end(Buffer.alloc(20_000_000, 'y'));
      });
    };
    const { url } = await origin(hashing);
    function* big() {
      for (let i = 0; i < 300; i += 1) yield chunk;
    }
    const expected = createHash('sha256');
    for (const piece of big()) expected.update(piece);
    await run(() => {
      const response = call(url, { method: 'POST', body: big() });
      const hash = response instanceof ClientResponse ? response.headers['x-hash'] : response.headers.get('x-hash');
      expect(hash).toBe(expected.digest('hex'));
      expect(response.body!.bytes().equals(Buffer.alloc(20_000_000, 'y'))).toBe(true);
    });
  });

  it('lets others run while it sends and receives', async () => {
    const { url } = await origin((req, res) => {
      req.pipe(res);
    });
    function* slow() {
      for (let i = 0; i < 3; i += 1) {
        sleep(1);
        yield String(i);
      }
    }
    await run(() => {
      let ticks = 0;
      const ticker = spawn(() => {
        for (;;) {
          sleep(0);
          ticks += 1;
        }
      });
      expect(call(url, { method: 'POST', body: slow() }).body!.text()).toBe('012');
      expect(ticks).toBeGreaterThan(3);
      ticker.kill();
    });
  });

  it('makes the body on one green thread of its own, with the stores of the caller', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { url } = await origin((req, res) => {
      req.resume().on('end', () => res.end());
    });
    function* body() {
      for (let i = 0; i < 3; i += 1) {
        sleep(1);
        seen.push([storage.getStore(), getCurrent()!.name]);
        yield 'x';
      }
    }
    await run(() => {
      storage.run('mine', () => call(url, { method: 'POST', body: body() }).body!.text());
      expect(seen).toEqual([1, 2, 3].map(() => ['mine', 'upload']));
    });
  });

  it('closes the body when the server answers and does not want the rest', async () => {
    const { url } = await origin((_req, res) => res.writeHead(413, { connection: 'close' }).end('too much'));
    let closed: () => void;
    const over = new Promise<void>((resolve) => (closed = resolve));
    function* endless() {
      try {
        for (;;) {
          yield chunk;
          sleep(1);
        }
      } finally {
        closed();
      }
    }
    const text = await run(() => call(url, { method: 'POST', body: endless() }).body!.text());
    expect(text).toBe('too much');
    await over;
  });
});
