// Queues between green threads: order, bounds, what is legal outside of them, counters, wrong arguments.
import { type GreenThread, LightQueue, LifoQueue, PriorityQueue, Queue, run, sleep, spawn } from 'verdant';
import { code, thrown } from '../core/thrown';

const kinds = [
  ['LightQueue', (maxSize?: number) => new LightQueue<number>(maxSize)],
  ['Queue', (maxSize?: number) => new Queue<number>(maxSize)],
  ['LifoQueue', (maxSize?: number) => new LifoQueue<number>(maxSize)],
  ['PriorityQueue', (maxSize?: number) => new PriorityQueue<number>({ maxSize })],
] as const;

describe.each(kinds)('%s', (_name, make) => {
  test('gives an item that was put', async () => {
    const queue = make();
    await run(() => {
      queue.put(7);
      expect(queue.get()).toBe(7);
    });
  });

  test('suspends a getter until an item comes', async () => {
    const queue = make();
    const getter = spawn(() => queue.get());
    await run(() => sleep(0));
    expect(queue.getting()).toBe(1);
    queue.putNowait(1);
    expect(await getter).toBe(1);
    expect(queue.getting()).toBe(0);
  });

  test('suspends a putter until there is room', async () => {
    const queue = make(1);
    queue.putNowait(1);
    const putter = spawn(() => queue.put(2));
    await run(() => sleep(0));
    expect(queue.putting()).toBe(1);
    expect(queue.getNowait()).toBe(1);
    expect([queue.putting(), queue.size(), putter.dead]).toEqual([0, 1, false]);
    await putter;
    expect(queue.getNowait()).toBe(2);
  });

  test('refuses what cannot be done at once', () => {
    const queue = make(1);
    expect(thrown(() => queue.getNowait())).toEqual(code('ERR_VERDANT_QUEUE_EMPTY'));
    queue.putNowait(1);
    expect(thrown(() => queue.putNowait(2))).toEqual(code('ERR_VERDANT_QUEUE_FULL'));
    expect(queue.size()).toBe(1);
  });

  test('blocks only on green threads', () => {
    const queue = make();
    queue.putNowait(1);
    const calls = [() => queue.put(2), () => queue.get(), () => queue.peek(), () => [...queue]];
    for (const call of calls) expect(thrown(call)).toEqual(code('ERR_VERDANT_NOT_GREEN'));
    expect(queue.size()).toBe(1);
  });

  test('hands an item over in person when there is no room for any', async () => {
    const queue = make(0);
    expect([queue.empty(), queue.full()]).toEqual([true, true]);
    const putter = spawn(() => queue.put(1));
    await run(() => sleep(0));
    expect([queue.empty(), queue.full(), queue.putting(), putter.dead]).toEqual([true, true, 1, false]);
    await run(() => expect(queue.get()).toBe(1));
    await putter;
  });

  test('tells the first item and leaves it', async () => {
    const queue = make();
    const peeker = spawn(() => queue.peek());
    await run(() => sleep(0));
    queue.putNowait(5);
    expect(await peeker).toBe(5);
    expect([queue.peekNowait(), queue.size(), queue.getNowait()]).toEqual([5, 1, 5]);
    expect(thrown(() => queue.peekNowait())).toEqual(code('ERR_VERDANT_QUEUE_EMPTY'));
  });
});

test('items come out in the order in which they were put', async () => {
  const queue = new LightQueue<number>(3);
  const got: number[] = [];
  await run(() => {
    const getter = spawn(() => {
      for (let n = 0; n < 1000; n += 1) got.push(queue.get());
    });
    for (let n = 0; n < 1000; n += 1) queue.put(n);
    getter.wait();
  });
  expect(got).toEqual(Array.from({ length: 1000 }, (_, n) => n));
});

test('undefined, null and promises are items as any others', async () => {
  const queue = new LightQueue<unknown>();
  const promise = Promise.resolve(1);
  const items = [undefined, null, promise];
  const getters = items.map(() => spawn(() => [queue.get()]));
  await run(() => sleep(0));
  for (const item of items) queue.putNowait(item);
  expect((await Promise.all(getters)).flat()).toEqual(items);
});

test('getters are served in the order in which they came', async () => {
  const queue = new LightQueue<string>();
  const served: string[] = [];
  const getters = [1, 2, 3].map((n) => spawn(() => served.push(`${n} ${queue.get()}`)));
  await run(() => sleep(0));
  for (const item of ['a', 'b', 'c']) queue.putNowait(item);
  await Promise.all(getters);
  expect(served).toEqual(['1 a', '2 b', '3 c']);
});

test('putters are let in in the order in which they came', async () => {
  const queue = new LightQueue<number>(1);
  const putters = [1, 2, 3, 4].map((n) => spawn(() => queue.put(n)));
  await run(() => sleep(0));
  expect(await run(() => [queue.get(), queue.get(), queue.get(), queue.get()])).toEqual([1, 2, 3, 4]);
  await Promise.all(putters);
});

test('a newcomer does not take what was handed to somebody who has not run yet', async () => {
  const queue = new LightQueue<string>();
  const getter = spawn(() => queue.get());
  await run(() => sleep(0));
  queue.putNowait('first');
  expect(queue.size()).toBe(0);
  expect(thrown(() => queue.getNowait())).toEqual(code('ERR_VERDANT_QUEUE_EMPTY'));
  queue.putNowait('second');
  expect(queue.getNowait()).toBe('second');
  expect(await getter).toBe('first');
});

test('a newcomer does not overtake those who wait for room', async () => {
  const queue = new LightQueue<string>(1);
  queue.putNowait('in');
  const putter = spawn(() => queue.put('waiting'));
  await run(() => sleep(0));
  queue.getNowait();
  expect(thrown(() => queue.putNowait('newcomer'))).toEqual(code('ERR_VERDANT_QUEUE_FULL'));
  await putter;
  expect(queue.getNowait()).toBe('waiting');
});

test('an item that is put from a timer, a microtask or an async function wakes a getter', async () => {
  const queue = new LightQueue<string>();
  const getters = [1, 2, 3].map(() => spawn(() => queue.get()));
  await run(() => sleep(0));
  setTimeout(() => queue.putNowait('timer'), 1);
  queueMicrotask(() => queue.putNowait('microtask'));
  void (async () => {
    await Promise.resolve();
    await Promise.resolve();
    queue.putNowait('async');
  })();
  expect(await Promise.all(getters)).toEqual(['microtask', 'async', 'timer']);
});

describe('resize', () => {
  async function full(maxSize: number): Promise<{ queue: LightQueue<number>; putters: GreenThread[] }> {
    const queue = new LightQueue<number>(maxSize);
    const putters = [0, 1, 2, 3, 4].map((n) => spawn(() => queue.put(n)));
    await run(() => sleep(0));
    return { queue, putters };
  }

  test('lets in as many putters as fit then', async () => {
    const { queue, putters } = await full(1);
    queue.resize(3);
    expect([queue.size(), queue.putting(), queue.maxSize]).toEqual([3, 2, 3]);
    queue.close();
    await Promise.allSettled(putters);
    expect(putters.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'failed', 'failed']);
  });

  test.each([[undefined], [null], [Infinity]])('to %p lets everybody in', async (maxSize) => {
    const { queue, putters } = await full(0);
    queue.resize(maxSize);
    await Promise.all(putters);
    expect([queue.size(), queue.full(), queue.maxSize]).toEqual([5, false, Infinity]);
  });

  test('to less keeps what is in, and lets nobody in until it fits', async () => {
    const { queue, putters } = await full(3);
    queue.resize(1);
    queue.getNowait();
    queue.getNowait();
    expect([queue.size(), queue.putting()]).toEqual([1, 2]);
    queue.getNowait();
    expect([queue.size(), queue.putting()]).toEqual([1, 1]);
    queue.resize();
    await Promise.all(putters);
  });

  test('to nothing makes the rest be handed over in person', async () => {
    const { queue, putters } = await full(2);
    queue.resize(0);
    expect(Array.from({ length: 5 }, () => queue.getNowait())).toEqual([0, 1, 2, 3, 4]);
    await Promise.all(putters);
    expect([queue.empty(), queue.full()]).toEqual([true, true]);
  });
});

describe('close', () => {
  test('refuses who puts, and gives what is left before it refuses who gets', async () => {
    const queue = new LightQueue<number>();
    queue.putNowait(1);
    queue.close();
    queue.close();
    expect(queue.closed).toBe(true);
    expect(thrown(() => queue.putNowait(2))).toEqual(code('ERR_VERDANT_CLOSED'));
    expect(queue.getNowait()).toBe(1);
    expect(thrown(() => queue.getNowait())).toEqual(code('ERR_VERDANT_CLOSED'));
    for (const call of [() => queue.get(), () => queue.put(3), () => queue.peek()]) {
      await expect(run(call)).rejects.toEqual(code('ERR_VERDANT_CLOSED'));
    }
  });

  test('refuses those who wait', async () => {
    const full = new LightQueue<number>(0);
    const putter = spawn(() => full.put(1));
    const empty = new LightQueue<number>();
    const getters = [spawn(() => empty.get()), spawn(() => empty.peek())];
    await run(() => sleep(0));
    full.close();
    empty.close();
    for (const thread of [putter, ...getters]) await expect(thread).rejects.toEqual(code('ERR_VERDANT_CLOSED'));
  });

  test('drops what is left when it must be immediate', () => {
    const queue = new LightQueue<number>();
    queue.putNowait(1);
    queue.close();
    expect(queue.size()).toBe(1);
    queue.close({ immediate: true });
    expect(thrown(() => queue.getNowait())).toEqual(code('ERR_VERDANT_CLOSED'));
  });

  test('does not take away what was handed over before', async () => {
    const queue = new LightQueue<number>();
    const getter = spawn(() => queue.get());
    await run(() => sleep(0));
    queue.putNowait(1);
    queue.close({ immediate: true });
    expect(await getter).toBe(1);
  });
});

test('statistics tell sizes and who waits', async () => {
  const queue = new LightQueue<number>(1);
  const putters = [1, 2].map((n) => spawn(() => queue.put(n)));
  await run(() => sleep(0));
  const counters = { size: 1, maxSize: 1, getting: 0, putting: 1, handedOver: 0, closed: false };
  expect(queue.statistics()).toEqual(counters);
  queue.resize();
  await Promise.all(putters);
  queue.close();
  expect(queue.statistics()).toEqual({ ...counters, size: 2, maxSize: Infinity, putting: 0, closed: true });
});

test('wrong arguments are refused', async () => {
  const invalid = code('ERR_INVALID_ARG_TYPE');
  const outOfRange = code('ERR_OUT_OF_RANGE');
  expect(thrown(() => new LightQueue('1' as never))).toEqual(invalid);
  expect(thrown(() => new LightQueue({ maxSize: '1' as never }))).toEqual(invalid);
  for (const maxSize of [-1, 1.5, NaN]) expect(thrown(() => new LightQueue(maxSize))).toEqual(outOfRange);
  expect(thrown(() => new LightQueue().resize(-1))).toEqual(outOfRange);
  expect(thrown(() => new PriorityQueue({ compare: 1 as never }))).toEqual(invalid);
  expect(thrown(() => new PriorityQueue(3 as never))).toEqual(invalid);
  expect(thrown(() => new LightQueue().close(1 as never))).toEqual(invalid);
  await expect(run(() => new LightQueue().get({ timeout: -1 }))).rejects.toEqual(outOfRange);
  await expect(run(() => new LightQueue().put(1, { signal: 1 as never }))).rejects.toEqual(invalid);
  expect(new LightQueue({ maxSize: 2 }).maxSize).toBe(2);
});
