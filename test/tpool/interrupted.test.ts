// An interrupted call (timeout, abort, kill, killAll) ends at once, ends its thread, and leaves the pool whole.
import { join } from 'node:path';
import { run, sleep, spawn, wait, withTimeout } from 'verdant';
import { execute, killAll, TPool } from 'verdant/tpool';

const tasks = join(__dirname, 'support/tasks.cjs');

function busy(): never {
  for (;;);
}

const pools: TPool[] = [];

function makePool(size: number): TPool {
  const pool = new TPool({ size });
  pools.push(pool);
  return pool;
}

afterEach(async () => {
  await Promise.all([killAll(), ...pools.splice(0).map((pool) => pool.killAll())]);
});

test('a timeout ends a call that would compute for ever, and the place is free', async () => {
  await run(() => {
    const pool = makePool(1);
    expect(() => pool.execute({ timeout: 50 }, busy)).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_TIMEOUT' }));
    expect(pool.running()).toBe(0);
    expect(pool.execute({ module: tasks, name: 'add' }, 1, 2)).toBe(3);
  });
});

test('an outer timeout does so too', async () => {
  await run(() => {
    const pool = makePool(1);
    expect(withTimeout(50, () => pool.execute(busy), { value: 'late' })).toBe('late');
    expect(pool.execute({ module: tasks, name: 'add' }, 1, 2)).toBe(3);
  });
});

test('an abort ends it with the reason of the signal, also before it begins', async () => {
  await run(() => {
    const pool = makePool(1);
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 20);
    expect(() => pool.execute({ signal: controller.signal }, busy)).toThrow(reason);
    expect(() => pool.execute({ signal: controller.signal }, busy)).toThrow(reason);
    expect(pool.statistics()).toMatchObject({ running: 0, waiting: 0 });
  });
});

test('a kill ends it', async () => {
  await run(() => {
    const pool = makePool(1);
    const thread = spawn(() => pool.execute(busy));
    sleep(20);
    expect(pool.running()).toBe(1);
    thread.kill();
    thread.join();
    expect(pool.running()).toBe(0);
    expect(pool.execute({ module: tasks, name: 'add' }, 1, 2)).toBe(3);
  });
});

test('one that still waits for a thread leaves the queue, and never runs', async () => {
  await run(() => {
    const pool = makePool(1);
    const shared = new Int32Array(new SharedArrayBuffer(4));
    const first = spawn(() => pool.execute((cell: Int32Array) => Atomics.wait(cell, 0, 0), shared));
    const marks = new Int32Array(new SharedArrayBuffer(8));
    const mark = (cells: Int32Array, at: number): number => Atomics.add(cells, at, 1);
    const second = spawn(() => pool.execute(mark, marks, 0));
    const third = spawn(() => pool.execute(mark, marks, 1));
    sleep(20);
    expect(pool.waiting()).toBe(2);
    second.kill();
    second.join();
    expect(pool.waiting()).toBe(1);
    Atomics.store(shared, 0, 1);
    Atomics.notify(shared, 0);
    first.wait();
    third.wait();
    expect([...marks]).toEqual([0, 1]);
  });
});

test('killAll fails those that run and those that wait, and the pool goes on', async () => {
  await run(() => {
    const pool = makePool(1);
    const threads = [spawn(() => pool.execute(busy)), spawn(() => pool.execute(busy))];
    sleep(20);
    const gone = pool.killAll();
    for (const thread of threads) {
      expect(() => thread.wait()).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_CLOSED' }));
    }
    expect(pool.execute({ module: tasks, name: 'add' }, 1, 2)).toBe(3);
    wait(gone);
    expect(pool.statistics()).toMatchObject({ running: 0, waiting: 0, threads: 1 });
  });
});

test('a kill that comes after the result, before the caller runs, costs the pool nothing', async () => {
  await run(() => {
    const pool = makePool(1);
    for (let delay = 0; delay < 10; delay += 1) {
      const thread = spawn(() => pool.execute({ module: tasks, name: 'add' }, 1, 2));
      sleep(delay);
      thread.kill();
      thread.join();
    }
    expect(pool.execute({ module: tasks, name: 'add' }, 1, 2)).toBe(3);
    expect(pool.statistics()).toMatchObject({ running: 0, waiting: 0 });
  });
});

test('wrong options are refused', async () => {
  await run(() => {
    expect(() => execute({ timeout: -1 }, busy)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
    expect(() => execute({ transfer: 5 as never }, busy)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });
  expect(() => new TPool({ size: -1 })).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
});
