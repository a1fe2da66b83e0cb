// greenHandler's concurrency and pool: so many at a time, the others in order, each in its own async context.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer } from 'node:http';
import { Event, GreenPool, run, sleep } from 'verdant';
import { greenHandler } from 'verdant/http';
import { ask, bodyOf } from './support/ask';
import { serving, stopServing } from './support/serving';

afterEach(stopServing);

/** A server whose handlers wait for `open`; counts how many run. */
async function gated(options: Parameters<typeof greenHandler>[1]) {
  const seen = { running: 0, most: 0, order: [] as string[], arrived: 0 };
  const gate = new Event();
  const handler = greenHandler((req, res) => {
    seen.running += 1;
    seen.most = Math.max(seen.most, seen.running);
    seen.order.push(req.url);
    gate.wait();
    sleep(0);
    seen.running -= 1;
    res.end(req.url);
  }, options);
  let waiter: { count: number; resolve: () => void } | null = null;
  const server = createServer((req, res) => {
    handler(req, res);
    seen.arrived += 1;
    if (seen.arrived === waiter?.count) waiter.resolve();
  });
  const arrival = (count: number): Promise<void> =>
    new Promise((resolve) => {
      waiter = { count, resolve };
      if (seen.arrived >= count) resolve();
    });
  return { url: await serving(server), seen, arrival, open: () => gate.send() };
}

describe('concurrency', () => {
  it('runs so many at a time and the others in the order in which they came', async () => {
    const { url, seen, arrival, open } = await gated({ concurrency: 2 });
    const answers: Promise<string>[] = [];
    for (let i = 0; i < 6; i += 1) {
      answers.push(bodyOf(`${url}/${i}`));
      await arrival(i + 1);
    }
    await run(() => sleep(0));
    expect(seen.running).toBe(2);
    open();
    expect(await Promise.all(answers)).toEqual(['/0', '/1', '/2', '/3', '/4', '/5']);
    expect(seen.order).toEqual(['/0', '/1', '/2', '/3', '/4', '/5']);
    expect(seen.most).toBe(2);
  });

  it('takes the place of one that failed', async () => {
    const handler = greenHandler(
      (req, res) => {
        sleep(1);
        if (req.url === '/fails') throw new Error('no');
        res.end('well');
      },
      { concurrency: 1, onError: () => undefined },
    );
    const url = await serving(createServer(handler));
    const answers = await Promise.all(['/fails', '/', '/fails', '/'].map((path) => ask(url + path)));
    expect(answers.map(({ status }) => status)).toEqual([500, 200, 500, 200]);
  });

  it('runs one that had to wait in the context in which it came', async () => {
    const storage = new AsyncLocalStorage<string>();
    const handler = greenHandler(
      (_req, res) => {
        sleep(1);
        res.end(storage.getStore());
      },
      { concurrency: 1 },
    );
    const url = await serving(createServer((req, res) => storage.run(`store of ${req.url}`, () => handler(req, res))));
    const paths = ['/a', '/b', '/c', '/d'];
    expect(await Promise.all(paths.map((path) => bodyOf(url + path)))).toEqual(paths.map((path) => `store of ${path}`));
  });

  it('gives the promise of one that had to wait', async () => {
    const double = greenHandler(
      (n: number) => {
        sleep(1);
        if (n === 3) throw new Error('three');
        return 2 * n;
      },
      { concurrency: 1 },
    );
    const results = await Promise.allSettled([double(1), double(2), double(3), double(4)]);
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))).toEqual([
      2,
      4,
      'failed',
      8,
    ]);
  });
});

describe('pool', () => {
  it('is shared by handlers and others', async () => {
    const pool = new GreenPool(2);
    const { url, seen, arrival, open } = await gated({ pool });
    const release = new Event();
    const other = pool.spawn(() => release.wait());
    const answers = [bodyOf(`${url}/1`), bodyOf(`${url}/2`)];
    await arrival(2);
    await run(() => sleep(0));
    expect([seen.running, pool.running()]).toEqual([1, 2]);
    release.send();
    await other;
    await run(() => sleep(0));
    expect(seen.running).toBe(2);
    open();
    await Promise.all(answers);
    await run(() => pool.waitAll());
    expect(pool.running()).toBe(0);
  });
});
