// A sleep(0) storm takes no more of Node's loop than its budget: timers, I/O, immediates and promises go on meanwhile.
import { createServer, connect } from 'node:net';
import { readFile } from 'node:fs/promises';
import { type GreenThread, run, sleep, spawn, wait } from 'verdant';
import { getHub } from 'verdant/hub';
import { slowness } from '../support/children';
import { describeEveryHub } from '../support/every_hub';

describeEveryHub(() => {
  let stop = false;
  let storm: GreenThread<void>[] = [];
  let yields = 0;

  function startStorm(threads: number): void {
    stop = false;
    yields = 0;
    storm = Array.from({ length: threads }, () =>
      spawn(() => {
        while (!stop) {
          yields += 1;
          sleep(0);
        }
      }),
    );
  }

  afterEach(async () => {
    stop = true;
    await Promise.all(storm);
    getHub().switchInterval = 5;
  });

  test.each([1, 2, 100])('immediates come round while %d green threads yield to each other', async (threads) => {
    startStorm(threads);
    for (let round = 0; round < 10; round += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(yields).toBeGreaterThan(0);
  });

  test('promise reactions come no later than the end of the turn', async () => {
    startStorm(10);
    const waited = await run(() =>
      Array.from({ length: 10 }, () => {
        const before = getHub().stats().turns;
        let after: number | undefined;
        void Promise.resolve().then(() => {
          after = getHub().stats().turns;
        });
        while (after === undefined) sleep(0);
        return after - before;
      }),
    );
    for (const turns of waited) expect(turns).toBe(0);
  });

  test('an immediate is late by the budget of one pass, not more', async () => {
    getHub().switchInterval = 2;
    startStorm(10);
    await new Promise((resolve) => setImmediate(resolve));
    const lateness: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const start = performance.now();
      await new Promise((resolve) => setImmediate(resolve));
      lateness.push(performance.now() - start);
    }
    lateness.sort((a, b) => a - b);
    // The median, generously: the machine has other things to do, too.
    expect(lateness[10]!).toBeLessThan(2 * 25 * slowness);
  });

  test('timers of Node fire, in order, with files and sockets in between', async () => {
    startStorm(10);
    const seen: string[] = [];
    const timer = (ms: number): Promise<void> =>
      new Promise((resolve) => setTimeout(() => resolve(void seen.push(`timer ${ms}`)), ms));
    const file = readFile(__filename, 'utf8').then((text) => seen.push(`file ${text.length > 0}`));
    const server = createServer((socket) => socket.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = new Promise<void>((resolve) => {
      const client = connect((server.address() as { port: number }).port, '127.0.0.1');
      client.on('data', (data) => seen.push(`socket ${data.toString()}`)).on('close', () => resolve());
    });
    await Promise.all([timer(20), timer(5), timer(60), file, socket]);
    await new Promise((resolve) => server.close(resolve));
    expect(seen.filter((what) => what.startsWith('timer'))).toEqual(['timer 5', 'timer 20', 'timer 60']);
    expect(seen).toContain('file true');
    expect(seen).toContain('socket hello');
    expect(yields).toBeGreaterThan(0);
  });

  test('timers of the hub fire during the storm', async () => {
    startStorm(10);
    const order: number[] = [];
    // Far apart: they need not begin in the same pass.
    await Promise.all([200, 5, 100].map((ms) => run(() => (sleep(ms), order.push(ms)))));
    expect(order).toEqual([5, 100, 200]);
  });

  test('a green thread that waits for promises is not starved by the storm', async () => {
    startStorm(10);
    await run(() => {
      for (let round = 0; round < 50; round += 1) expect(wait(Promise.resolve(round))).toBe(round);
    });
    expect(yields).toBeGreaterThan(0);
  });

  test('two green threads that wake each other by promises all the time do not starve the loop', async () => {
    let pass = 0;
    const count = setInterval(() => (pass += 1), 1);
    try {
      await run(() => {
        while (pass < 3) wait(Promise.resolve());
      });
    } finally {
      clearInterval(count);
    }
    expect(pass).toBeGreaterThanOrEqual(3);
  });
});
