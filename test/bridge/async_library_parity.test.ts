// What eventlet promises for its asyncio integration, behaviour by behaviour, in Node's words.
import { promises as dns, lookup } from 'node:dns';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { getCurrent, greenToAsync, greenToPromise, promiseToGreen, run, sleep, spawn, wait } from 'verdant';
import { runChild } from '../support/children';
import { deferred, never } from './support/deferred';
import { green, outcomeOf, thrownBy, turnOfTheHub } from './support/outcome';

const killed = { code: 'ERR_VERDANT_KILLED' };

describe("a third-party async client (Node's fetch)", () => {
  let server: Server;
  let origin: string;
  const handlers = new Set<unknown>();

  beforeAll(async () => {
    const handle = greenToAsync((path: string) => {
      handlers.add(getCurrent()?.id);
      sleep(1);
      return `hello ${path}`;
    });
    server = createServer((request, response) => void handle(request.url ?? '').then((body) => response.end(body)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('works from green threads against a server of green threads in the same process', async () => {
    const threads = Array.from({ length: 20 }, (_, n) =>
      spawn(() => {
        const response = wait(fetch(`${origin}/${n}`));
        return [response.status, wait(response.text())];
      }),
    );
    expect(await Promise.all(threads)).toEqual(threads.map((_, n) => [200, `hello /${n}`]));
    expect(handlers.size).toBe(20);
  });

  it('is cancelled by the kill of its green thread', async () => {
    let fetching!: Promise<Response>;
    const thread = promiseToGreen((signal) => {
      fetching = fetch(origin, { signal });
      return fetching;
    });
    await turnOfTheHub();
    thread.kill();
    await outcomeOf(thread);
    expect(await outcomeOf(fetching)).toEqual({ error: thread.error });
  });
});

describe('a green thread made of async work', () => {
  it('gives its value to wait()', async () => {
    const thread = promiseToGreen(async () => {
      await delay(1);
      return 'result';
    });
    expect(await green(() => thread.wait())).toBe('result');
  });

  it('throws its error from wait(), the very object', async () => {
    const error = new Error('x');
    const thread = promiseToGreen(async () => {
      await delay(1);
      throw error;
    });
    expect(
      await green(() =>
        Object.is(
          thrownBy(() => thread.wait()),
          error,
        ),
      ),
    ).toBe(true);
  });

  it.each<[string, () => unknown]>([
    ['an async function', () => async () => delay(1, 7)],
    ['a promise', () => delay(1, 7)],
    ['a thenable', () => ({ then: (fulfil: (n: number) => void) => setImmediate(fulfil, 7) })],
  ])('takes %s', async (_, make) => {
    expect(await green(() => promiseToGreen(make() as Promise<number>).wait())).toBe(7);
  });

  it('may be killed by the async function it wraps: what comes before the next await runs, what is after it does not', async () => {
    const progress: number[] = [];
    let given!: AbortSignal;
    const work = deferred();
    const thread = promiseToGreen(async (signal) => {
      given = signal;
      progress.push(1);
      await delay(1);
      progress.push(2);
      thread.kill();
      progress.push(3);
      try {
        await delay(60_000, undefined, { signal });
        progress.push(4);
      } finally {
        work.resolve(undefined);
      }
    });
    expect(await outcomeOf(run(() => thread.wait()))).toEqual({ error: expect.objectContaining(killed) });
    await work.promise;
    expect(progress).toEqual([1, 2, 3]);
    expect(given.reason).toBe(thread.error);
  });
});

describe('timers of Node and green threads', () => {
  it('fire in the order of their times, whichever world they belong to', async () => {
    const order: string[] = [];
    await Promise.all([
      delay(90).then(() => order.push('promise 90')),
      spawn(() => {
        sleep(60);
        order.push('green 60');
      }),
      delay(30).then(() => order.push('promise 30')),
    ]);
    expect(order).toEqual(['promise 30', 'green 60', 'promise 90']);
  });

  it('keep time while green threads keep each other busy', async () => {
    let busy = true;
    let rounds = 0;
    const spinners = Array.from({ length: 10 }, () =>
      spawn(() => {
        for (; busy; rounds += 1) sleep(0);
      }),
    );
    const start = performance.now();
    await delay(50);
    const took = performance.now() - start;
    busy = false;
    await Promise.all(spinners);
    expect(took).toBeGreaterThanOrEqual(49);
    expect(took).toBeLessThan(5_000);
    expect(rounds).toBeGreaterThan(100);
  });
});

describe('await of a green thread', () => {
  const error = new Error('x');

  it('gives its value after it has slept', async () => {
    const thread = spawn(() => {
      sleep(1);
      return 'value';
    });
    expect(await thread).toBe('value');
  });

  it('throws its error after it has slept', async () => {
    const thread = spawn(() => {
      sleep(1);
      throw error;
    });
    expect(await outcomeOf(thread)).toEqual({ error });
  });

  it('gives its value when it never suspends', async () => {
    expect(await spawn(() => 'value')).toBe('value');
  });

  it('throws its error when it never suspends', async () => {
    const thread = spawn(() => {
      throw error;
    });
    expect(await outcomeOf(thread)).toEqual({ error });
  });

  it('works wherever a promise is wanted: resolve, all, race', async () => {
    const value = (): number => {
      sleep(1);
      return 5;
    };
    expect(await Promise.resolve(spawn(value))).toBe(5);
    expect(await Promise.all([spawn(value), spawn(value)])).toEqual([5, 5]);
    expect(await Promise.race([spawn(value), never()])).toBe(5);
  });

  it('that is aborted from inside of the thread rejects at once; the thread ends at its next suspension', async () => {
    const controller = new AbortController();
    const phases: number[] = [];
    const thread = spawn(() => {
      phases.push(1);
      controller.abort();
      sleep(0);
      phases.push(2);
    });
    expect(await outcomeOf(greenToPromise(thread, { signal: controller.signal }))).toEqual({
      error: controller.signal.reason,
    });
    await turnOfTheHub();
    expect(phases).toEqual([1]);
    expect(await outcomeOf(run(() => thread.wait()))).toEqual({ error: controller.signal.reason });
  });

  it('that kills itself rejects with the GreenExit, and nothing after the kill runs', async () => {
    const phases: number[] = [];
    const thread = spawn(() => {
      phases.push(1);
      sleep(0);
      phases.push(2);
      thread.kill();
      phases.push(3);
    });
    expect(await outcomeOf((async () => await thread)())).toEqual({ error: expect.objectContaining(killed) });
    expect([phases, thread.state]).toEqual([[1, 2], 'killed']);
  });
});

describe("what is Node's stays Node's", () => {
  it('worker threads run blocking code beside the hub', async () => {
    const source = `
      const { parentPort } = require('node:worker_threads');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      parentPort.postMessage(7);
    `;
    const inWorker = (): Promise<number> =>
      new Promise((resolve, reject) => {
        const worker = new Worker(source, { eval: true });
        let result: number;
        worker.once('message', (value: number) => (result = value)).once('error', reject);
        worker.once('exit', () => resolve(result));
      });
    let turns = 0;
    const ticker = spawn(() => {
      for (;;) {
        sleep(1);
        turns += 1;
      }
    });
    expect(await green(() => wait(Promise.all([inWorker(), inWorker(), inWorker()])))).toEqual([7, 7, 7]);
    ticker.kill();
    await outcomeOf(ticker);
    expect(turns).toBeGreaterThan(1);
  });

  it('names are looked up as ever, on green threads as elsewhere', async () => {
    const plain = await promisify(lookup)('localhost', { all: true });
    expect(await green(() => wait(dns.lookup('localhost', { all: true })))).toEqual(plain);
  });

  it('loading and using verdant changes no global and no module of Node', async () => {
    const result = await runChild(join(__dirname, 'children/nothing_changed.cjs'));
    expect(result).toEqual({ code: 0, signal: null, stdout: 'ok\n', stderr: '', timedOut: false });
  });

  it('the bridges work on a hub of one’s own', async () => {
    const result = await runChild(join(__dirname, 'children/own_hub.cjs'));
    expect(result).toEqual({ code: 0, signal: null, stdout: 'ok\n', stderr: '', timedOut: false });
  });

  it('a hub that is not there is refused by name at the first use', async () => {
    const result = await runChild(join(__dirname, 'children/unknown_hub.cjs'), { env: { VERDANT_HUB: 'asyncio' } });
    expect(result).toEqual({ code: 0, signal: null, stdout: 'ok\n', stderr: '', timedOut: false });
  });
});
