// What Queue, PriorityQueue and LifoQueue add: tasks to be done, and other orders.
import * as fc from 'fast-check';
import { LifoQueue, PriorityQueue, Queue, run, sleep, spawn } from 'verdant';
import { code, thrown } from '../core/thrown';

const seed = Number(process.env.VERDANT_TEST_SEED ?? Date.now() % 2 ** 31);

describe('Queue.join', () => {
  test('returns at once when nothing was put', async () => {
    expect(await run(() => new Queue().join())).toBe(true);
  });

  test('waits until every item that was put is done', async () => {
    const queue = new Queue<number>();
    for (const n of [1, 2, 3]) queue.putNowait(n);
    const joiners = [1, 2].map(() => spawn(() => queue.join()));
    await run(() => sleep(0));
    for (let left = 3; left > 0; left -= 1) {
      expect([queue.unfinishedTasks, ...joiners.map(({ dead }) => dead)]).toEqual([left, false, false]);
      queue.getNowait();
      queue.taskDone();
    }
    expect(await Promise.all(joiners)).toEqual([true, true]);
  });

  test('returns false when its timeout comes first', async () => {
    const queue = new Queue<number>();
    queue.putNowait(1);
    expect(await run(() => queue.join({ timeout: 1 }))).toBe(false);
    expect(queue.statistics()).toMatchObject({ unfinishedTasks: 1, joining: 0 });
  });

  test('ends with the reason of its signal', async () => {
    const queue = new Queue<number>();
    queue.putNowait(1);
    const reason = new Error('enough');
    const controller = new AbortController();
    const joiner = spawn(() => queue.join({ signal: controller.signal }));
    await run(() => sleep(0));
    controller.abort(reason);
    await expect(joiner).rejects.toBe(reason);
  });

  test('blocks only on green threads', () => {
    expect(thrown(() => new Queue().join())).toEqual(code('ERR_VERDANT_NOT_GREEN'));
  });

  test('does not wait for a putter that has no room yet', async () => {
    const queue = new Queue<number>(0);
    const putter = spawn(() => queue.put(1));
    await run(() => sleep(0));
    expect(queue.unfinishedTasks).toBe(0);
    queue.getNowait();
    expect(queue.unfinishedTasks).toBe(1);
    queue.taskDone();
    await putter;
  });

  test('does not wait for what closing has dropped', async () => {
    const queue = new Queue<number>();
    for (const n of [1, 2, 3]) queue.putNowait(n);
    queue.getNowait();
    const joiner = spawn(() => queue.join());
    await run(() => sleep(0));
    queue.close({ immediate: true });
    expect(queue.unfinishedTasks).toBe(1);
    queue.taskDone();
    expect(await joiner).toBe(true);
  });
});

test('taskDone refuses to be called more often than items were put', () => {
  const queue = new Queue<number>();
  expect(thrown(() => queue.taskDone())).toEqual(code('ERR_VERDANT_TASK_DONE'));
  queue.putNowait(1);
  queue.taskDone();
  expect(thrown(() => queue.taskDone())).toEqual(code('ERR_VERDANT_TASK_DONE'));
});

test('LifoQueue gives the newest first', () => {
  const queue = new LifoQueue<number>();
  for (const n of [1, 2, 3]) queue.putNowait(n);
  expect(queue.getNowait()).toBe(3);
  queue.putNowait(4);
  expect([queue.peekNowait(), queue.getNowait(), queue.getNowait(), queue.getNowait()]).toEqual([4, 4, 2, 1]);
});

describe('PriorityQueue', () => {
  test('gives the least first, equal ones as they came', () => {
    const items = fc.array(fc.record({ rank: fc.nat(6), name: fc.nat() }), { maxLength: 60 });
    fc.assert(
      fc.property(items, fc.array(fc.boolean()), (all, gets) => {
        const queue = new PriorityQueue<{ rank: number; name: number }>({ compare: (a, b) => a.rank - b.rank });
        const waiting: typeof all = [];
        const takeLeast = (): void => {
          const least = Math.min(...waiting.map(({ rank }) => rank));
          const [expected] = waiting.splice(
            waiting.findIndex(({ rank }) => rank === least),
            1,
          );
          expect(queue.peekNowait()).toBe(expected);
          expect(queue.getNowait()).toBe(expected);
        };
        all.forEach((item, at) => {
          queue.putNowait(item);
          waiting.push(item);
          if (gets[at] === true) takeLeast();
        });
        while (waiting.length > 0) takeLeast();
        expect(queue.empty()).toBe(true);
      }),
      { seed },
    );
  });

  test('orders numbers and strings by < when it is not told how', () => {
    const numbers = new PriorityQueue<number>();
    for (const n of [10, 9, 1]) numbers.putNowait(n);
    expect([numbers.getNowait(), numbers.getNowait(), numbers.getNowait()]).toEqual([1, 9, 10]);
    const words = new PriorityQueue<string>();
    for (const word of ['b', 'a']) words.putNowait(word);
    expect(words.getNowait()).toBe('a');
  });

  test('an item that cannot be compared is refused, and nothing else is disturbed', () => {
    const queue = new PriorityQueue<{ rank: number } | null>({ compare: (a, b) => a!.rank - b!.rank });
    for (const rank of [3, 1, 2]) queue.putNowait({ rank });
    expect(() => queue.putNowait(null)).toThrow(TypeError);
    expect([1, 2, 3].map(() => queue.getNowait()!.rank)).toEqual([1, 2, 3]);
    expect(queue.unfinishedTasks).toBe(3);
  });

  test('a putter that waited with such an item gets the error, and those behind it have their turn', async () => {
    const queue = new PriorityQueue<{ rank: number } | null>({ compare: (a, b) => a!.rank - b!.rank, maxSize: 2 });
    for (const rank of [3, 1]) queue.putNowait({ rank });
    const bad = spawn(() => queue.put(null));
    const good = spawn(() => queue.put({ rank: 2 }));
    await run(() => sleep(0));
    expect(queue.getNowait()).toEqual({ rank: 1 });
    await expect(bad).rejects.toThrow(TypeError);
    await good;
    expect([queue.getNowait(), queue.getNowait()]).toEqual([{ rank: 2 }, { rank: 3 }]);
  });
});
