// What ends a request early, in each of its phases: timeouts, a signal, a kill. It ends at once, and no connection is left.
import { once } from 'node:events';
import { type RequestListener } from 'node:http';
import { Event, GreenPool, Queue, run, sleep, spawn, wait } from 'verdant';
import {
  type FetchResponse,
  type ClientResponse,
  fetch,
  type HttpClient,
  request,
  type RequestLimits,
} from 'verdant/http';
import { getHub } from 'verdant/hub';
import { code } from '../../core/thrown';
import { abortListeners, errorOf, green, outcomeOf } from '../../bridge/support/outcome';
import { destroyClients, newClient } from './support/clients';
import { type Origin, origin } from './support/origin';

const { listenOnly } = require('./support/full_backlog.cjs') as {
  listenOnly: () => Promise<{ port: number; close: () => Promise<void> }>;
};
afterEach(destroyClients);

type Options = RequestLimits & { client?: HttpClient; method?: string; body?: Iterable<string> };

/** Both of them, in one shape. */
const calls: [string, (url: string, options?: Options) => FetchResponse | ClientResponse][] = [
  ['fetch', fetch],
  ['request', request],
];

/** Sends nothing ever. */
const silent: RequestListener = () => undefined;

/** Sends a head and one piece, and then nothing. */
const stalling: RequestListener = (_req, res) => {
  res.write('piece');
};

/** A port to which no connection is ever made: the kernel's queue of it is full. */
let unreachable = '';

describe.each(calls)('%s', (_name, call) => {
  let closeUnreachable: () => Promise<void>;

  beforeAll(async () => {
    const { port, close } = await listenOnly();
    unreachable = `http://127.0.0.1:${port}/`;
    closeUnreachable = close;
  });
  afterAll(() => closeUnreachable());

  const interruptions: [
    string,
    string,
    (url: string, options: Options, begun: () => Promise<unknown>) => Promise<unknown>,
  ][] = [
    [
      'its timeout',
      'ERR_VERDANT_TIMEOUT',
      (url, options) => errorOf(() => readAll(call(url, { ...options, timeout: 20 }))),
    ],
    [
      'its signal',
      'MINE',
      async (url, options, begun) => {
        const controller = new AbortController();
        const outcome = errorOf(() => readAll(call(url, { ...options, signal: controller.signal })));
        await begun();
        controller.abort(Object.assign(new Error('mine'), { code: 'MINE' }));
        const error = await outcome;
        expect(abortListeners(controller.signal)).toBe(0);
        return error;
      },
    ],
    [
      'a kill',
      'ERR_VERDANT_KILLED',
      async (url, options, begun) => {
        const thread = spawn(() => readAll(call(url, options)));
        await begun();
        thread.kill();
        return ((await outcomeOf(thread)) as { error: unknown }).error;
      },
    ],
  ];

  describe.each(interruptions)('ended by %s', (_what, expected, interrupt) => {
    it('while it waits for the head of the answer closes its connection', async () => {
      const server = await origin(silent);
      expect(await interrupt(server.url, {}, () => once(server.server, 'request'))).toEqual(code(expected));
      await server.quiet();
      expect(server.connections.length).toBe(1);
    });

    it('while it reads the body closes its connection', async () => {
      const server = await origin(stalling);
      expect(await interrupt(server.url, {}, () => bodyBegun(server))).toEqual(code(expected));
      await server.quiet();
    });

    it('while it sends a body closes its connection and what makes the body', async () => {
      const server = await origin(silent);
      const [asked, closed] = [new Event(), new Event()];
      let begun = false;
      function* body() {
        begun = true;
        try {
          yield 'piece';
          asked.send();
          sleep(60_000);
        } finally {
          closed.send();
        }
      }
      const options = { method: 'POST', body: body() };
      expect(await interrupt(server.url, options, () => run(() => asked.wait()))).toEqual(code(expected));
      // On a busy machine its timeout may come before it has begun.
      if (begun) await run(() => closed.wait());
      await server.quiet();
    });

    it('while it is being connected makes no connection', async () => {
      const client = newClient();
      expect(await interrupt(unreachable, { client }, () => run(() => sleep(5)))).toEqual(code(expected));
      expect(connecting()).toBe(0);
    });

    it('while it waits for a free connection leaves the others alone', async () => {
      const client = newClient({ connections: 1 });
      const go = new Event<string>();
      const server = await origin((_req, res) => {
        void run(() => res.end(go.wait()));
      });
      const first = green(() => readAll(call(server.url, { client })));
      await once(server.server, 'request');
      expect(await interrupt(server.url, { client }, () => run(() => sleep(1)))).toEqual(code(expected));
      go.send('answer');
      expect(await first).toBe('answer');
      expect(await green(() => readAll(call(server.url, { client })))).toBe('answer');
      expect(server.connections.length).toBe(1);
    });
  });

  it('gives up after connectTimeout', async () => {
    const client = newClient();
    expect(await errorOf(() => call(unreachable, { client, connectTimeout: 10 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
    expect(connecting()).toBe(0);
    const impatient = newClient({ connectTimeout: 10 });
    expect(await errorOf(() => call(unreachable, { client: impatient }))).toMatchObject({
      code: 'ERR_VERDANT_TIMEOUT',
      cause: { code: 'UND_ERR_CONNECT_TIMEOUT' },
    });
  });

  it('gives up after headersTimeout', async () => {
    const server = await origin(silent);
    expect(await errorOf(() => call(server.url, { headersTimeout: 10 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
    await server.quiet();
    const client = newClient({ headersTimeout: 10 });
    expect(await errorOf(() => call(server.url, { client }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
  });

  it('gives up after bodyTimeout', async () => {
    const server = await origin(stalling);
    expect(await errorOf(() => readAll(call(server.url, { bodyTimeout: 10 })))).toEqual(code('ERR_VERDANT_TIMEOUT'));
    await server.quiet();
  });

  it('ends a body that nobody reads by its timeout', async () => {
    const server = await origin(stalling);
    const abandonAndRead = (): string => {
      const response = call(server.url, { timeout: 50 });
      wait(server.quiet());
      return readAll(response);
    };
    expect(await errorOf(abandonAndRead)).toEqual(code('ERR_VERDANT_TIMEOUT'));
  });

  it('has its connection closed by a loop that is left early, a cancel, or the end of a scope', async () => {
    const closed = new Queue<string>();
    const server = await origin((req, res) => {
      res.write('piece');
      res.on('close', () => closed.putNowait(req.url!));
    });
    await run(() => {
      for (const piece of call(`${server.url}/loop`).body!) {
        expect(String(piece)).toBe('piece');
        break;
      }
      expect(closed.get()).toBe('/loop');
      call(`${server.url}/cancel`).body!.cancel();
      expect(closed.get()).toBe('/cancel');
      {
        using _ = call(`${server.url}/scope`);
      }
      expect(closed.get()).toBe('/scope');
    });
    await server.quiet();
  });

  it('loses nothing when one read of several is interrupted', async () => {
    const go = new Event();
    const server = await origin((_req, res) => {
      res.write('one');
      void run(() => {
        go.wait();
        res.end('two');
      });
    });
    await run(() => {
      const body = call(server.url).body!;
      expect(String(body.read())).toBe('one');
      expect(() => body.read({ timeout: 5 })).toThrow(
        expect.objectContaining({ code: 'ERR_VERDANT_TIMEOUT' }) as Error,
      );
      expect(() => body.read({ signal: AbortSignal.abort('stop') })).toThrow();
      go.send();
      expect([String(body.read()), body.read()]).toEqual(['two', null]);
    });
  });

  it('meets no other request than the one that is killed', async () => {
    const server = await origin((req, res) => {
      res.write('a');
      setImmediate(() => req.on('end', () => res.end('b')).resume());
    });
    await run(() => {
      const ask = (n: number): string => {
        const thread = spawn(() => readAll(call(server.url, { client, method: 'POST', body: ['x', 'y'] })));
        if (n % 2 === 0) return thread.wait();
        sleep(n % 7);
        thread.kill();
        thread.join();
        return 'killed';
      };
      const client = newClient();
      const numbers = Array.from({ length: 200 }, (_, n) => n);
      expect(new GreenPool(20).map(ask, numbers)).toEqual(numbers.map((n) => (n % 2 === 0 ? 'ab' : 'killed')));
      client.close();
    });
    await server.quiet();
  });

  it('refuses a signal that has aborted, and asks nobody', async () => {
    const server = await origin(silent);
    const reason = new Error('before');
    expect(await errorOf(() => call(server.url, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(server.connections.length).toBe(0);
  });

  it('leaves no timer and no listener when it is over', async () => {
    const server = await origin((_req, res) => res.end('x'));
    const { signal } = new AbortController();
    await run(() => {
      const before = getHub().stats().timers;
      expect(readAll(call(server.url, { signal, timeout: 60_000, headersTimeout: 60_000 }))).toBe('x');
      expect(getHub().stats().timers).toBe(before);
    });
    expect(abortListeners(signal)).toBe(0);
  });
});

function readAll(response: FetchResponse | ClientResponse): string {
  return response.body!.text();
}

async function bodyBegun({ server }: Origin): Promise<void> {
  await once(server, 'request');
  await run(() => sleep(5)); // the piece is on its way, or read: both are the body
}

function connecting(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPConnectWrap').length;
}
