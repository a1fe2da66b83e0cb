// The threads themselves: how many there are, what happens when one dies, and what they mean for the process' life.
import { join } from 'node:path';
import { run, sleep, spawn } from 'verdant';
import { TPool } from 'verdant/tpool';
import { expectOk } from '../support/children';

const tasks = join(__dirname, 'support/tasks.cjs');
const fallsOver = join(__dirname, 'support/falls_over.cjs');
const pools: TPool[] = [];

function makePool(options: ConstructorParameters<typeof TPool>[0]): TPool {
  const pool = new TPool(options);
  pools.push(pool);
  return pool;
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.killAll()));
});

const nap = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

test('none starts before it is needed', async () => {
  const pool = makePool({ size: 2 });
  expect(pool.statistics()).toEqual({ size: 2, threads: 0, running: 0, waiting: 0, completed: 0 });
  await run(() => pool.execute({ module: tasks, name: 'add' }, 1, 2));
  expect(pool.statistics()).toEqual({ size: 2, threads: 1, running: 0, waiting: 0, completed: 1 });
});

test('an idle one ends after a while', async () => {
  const pool = makePool({ size: 2, idleTimeout: 20 });
  await run(() => {
    pool.execute({ module: tasks, name: 'add' }, 1, 2);
    while (pool.statistics().threads > 0) sleep(5);
    expect(pool.execute({ module: tasks, name: 'add' }, 1, 2)).toBe(3);
  });
});

test('one that exits in a call fails that call only, and is replaced', async () => {
  const pool = makePool({ size: 1 });
  await run(() => {
    const before = pool.execute({ module: tasks, name: 'whichThread' });
    const dying = spawn(() => pool.execute(() => process.exit(3)));
    const next = spawn(() => pool.execute({ module: tasks, name: 'whichThread' }));
    expect(() => dying.wait()).toThrow(
      expect.objectContaining({ code: 'ERR_VERDANT_WORKER_DIED', message: expect.stringMatching(/code: 3/) }),
    );
    expect(next.wait()).not.toBe(before);
  });
});

test('one that dies of an uncaught error tells the call which', async () => {
  const pool = makePool({ size: 1 });
  await run(() => {
    const fall = (): Promise<never> =>
      new Promise(() => {
        setTimeout(() => {
          throw new Error('nobody catches this');
        }, 5);
      });
    expect(() => pool.execute(fall)).toThrow(
      expect.objectContaining({
        code: 'ERR_VERDANT_WORKER_DIED',
        cause: expect.objectContaining({ message: 'nobody catches this' }),
      }),
    );
    expect(pool.execute({ module: tasks, name: 'add' }, 1, 2)).toBe(3);
  });
});

test('one that runs out of memory dies alone', async () => {
  const pool = makePool({ size: 1, resourceLimits: { maxOldGenerationSizeMb: 16 } });
  await run(() => {
    const eat = (): void => {
      const all: unknown[] = [];
      for (;;) all.push(new Array(10_000).fill(all.length));
    };
    expect(() => pool.execute(eat)).toThrow(
      expect.objectContaining({
        code: 'ERR_VERDANT_WORKER_DIED',
        cause: expect.objectContaining({ code: 'ERR_WORKER_OUT_OF_MEMORY' }),
      }),
    );
    expect(pool.execute({ module: tasks, name: 'add' }, 1, 2)).toBe(3);
  });
});

test('setSize lets more run at once from now on, or less', async () => {
  const pool = makePool({ size: 1 });
  await run(() => {
    const threads = Array.from({ length: 6 }, () => spawn(() => pool.execute(nap, 60)));
    sleep(0);
    expect([pool.running(), pool.waiting()]).toEqual([1, 5]);
    pool.setSize(3);
    expect([pool.size, pool.running(), pool.waiting()]).toEqual([3, 3, 3]);
    pool.setSize(1);
    let most = 0;
    for (const thread of threads.slice(0, 4)) {
      thread.wait();
      most = Math.max(most, pool.running());
    }
    expect(most).toBeLessThanOrEqual(3);
    for (const thread of threads) thread.wait();
    expect(pool.running()).toBe(0);
  });
});

test('in a pool of size 0 the function runs in the caller at once', async () => {
  const pool = makePool({ size: 0 });
  await run(() => {
    const isMain = (): boolean => require('node:worker_threads').isMainThread as boolean;
    expect(pool.execute(isMain)).toBe(true);
    expect(() =>
      pool.execute(() => {
        throw new RangeError('here');
      }),
    ).toThrow(expect.objectContaining({ name: 'RangeError', message: 'here' }));
    expect(pool.statistics().threads).toBe(0);
  });
});

test.each([
  ['idle threads keep no process alive, and a call does', 'idle.cjs', {}],
  ['a call from a thread of the pool runs there at once', 'nested.cjs', {}],
  [
    'a thread that cannot start fails the calls it was meant for',
    'cannot_start.cjs',
    { flags: ['--require', fallsOver] },
  ],
  ['an error in an idle thread surfaces as an unhandled rejection', 'idle_error.cjs', {}],
  ['computing in the pool delays no timer of the hub', 'no_delay.cjs', {}],
  ['VERDANT_THREADPOOL_SIZE says how many threads there may be', 'size.cjs', { env: { VERDANT_THREADPOOL_SIZE: '2' } }],
])('%s', async (_name, script, options) => {
  await expectOk(__dirname, script, options);
});
