// Iterating over a queue, on green threads and from async code: up to its end, without taking more than was asked for.
import { LightQueue, run, sleep, spawn } from 'verdant';
import { code } from '../core/thrown';

const turn = (): Promise<void> => run(() => sleep(0));

test('a loop on a green thread ends when the queue is closed and empty', async () => {
  const queue = new LightQueue<number>(1);
  const items = spawn(() => [...queue]);
  await run(() => {
    for (let n = 0; n < 5; n += 1) queue.put(n);
  });
  queue.close();
  expect(await items).toEqual([0, 1, 2, 3, 4]);
});

test('a loop on a green thread that is left early takes no more', async () => {
  const queue = new LightQueue<number>();
  for (const n of [1, 2, 3]) queue.putNowait(n);
  await run(() => {
    for (const n of queue) if (n === 2) break;
  });
  expect(queue.getNowait()).toBe(3);
});

test('a loop whose green thread is killed when the item was handed over gives it back', async () => {
  const queue = new LightQueue<number>();
  const loop = spawn(() => [...queue]);
  await turn();
  queue.putNowait(1);
  loop.kill();
  await turn();
  expect(queue.getNowait()).toBe(1);
});

test('async code gets the items, and the end', async () => {
  const queue = new LightQueue<number>();
  setTimeout(() => queue.putNowait(1), 1);
  setTimeout(() => queue.putNowait(2), 2);
  setTimeout(() => queue.close(), 3);
  const items: number[] = [];
  for await (const item of queue) items.push(item);
  expect(items).toEqual([1, 2]);
});

test('async code takes one item at a time, so that putters wait for it', async () => {
  const queue = new LightQueue<number>(1);
  let put = 0;
  const putter = spawn(() => {
    for (; put < 10; put += 1) queue.put(put);
    queue.close();
  });
  let got = 0;
  for await (const item of queue) {
    expect(item).toBe(got);
    got += 1;
    await turn();
    // One is here, one in the queue, and one waits for room.
    expect(put).toBeLessThanOrEqual(got + 1);
  }
  expect(got).toBe(10);
  await putter;
});

test('async code takes items in person from putters', async () => {
  const queue = new LightQueue<number>(0);
  const iterator = queue[Symbol.asyncIterator]();
  const waiting = iterator.next();
  expect(queue.getting()).toBe(1);
  queue.putNowait(1);
  expect(await waiting).toEqual({ done: false, value: 1 });
  const putter = spawn(() => queue.put(2));
  await turn();
  expect(await iterator.next()).toEqual({ done: false, value: 2 });
  await putter;
});

test('green threads and async code stand in one line', async () => {
  const queue = new LightQueue<string>();
  const thread = spawn(() => queue.get());
  await turn();
  const promise = queue[Symbol.asyncIterator]().next();
  const last = spawn(() => queue.get());
  await turn();
  for (const item of ['a', 'b', 'c']) queue.putNowait(item);
  expect([await thread, (await promise).value, await last]).toEqual(['a', 'b', 'c']);
});

test('several steps asked for at once are served in order', async () => {
  const queue = new LightQueue<number>();
  const iterator = queue[Symbol.asyncIterator]();
  const steps = [iterator.next(), iterator.next(), iterator.next()];
  queue.putNowait(1);
  queue.putNowait(2);
  queue.close();
  expect(await Promise.all(steps)).toEqual([
    { done: false, value: 1 },
    { done: false, value: 2 },
    { done: true, value: undefined },
  ]);
});

test('leaving an async loop gives up its place in line', async () => {
  const queue = new LightQueue<number>();
  const iterator = queue[Symbol.asyncIterator]();
  const step = iterator.next();
  expect(queue.getting()).toBe(1);
  expect(await iterator.return!()).toEqual({ done: true, value: undefined });
  expect(await step).toEqual({ done: true, value: undefined });
  expect(queue.getting()).toBe(0);
  queue.putNowait(1);
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
  expect(queue.getNowait()).toBe(1);
});

test('throw() ends an async iteration', async () => {
  const iterator = new LightQueue<number>()[Symbol.asyncIterator]();
  const error = new Error('enough');
  await expect(iterator.throw!(error)).rejects.toBe(error);
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
});

test('what comes back after the end was called goes to async code as well', async () => {
  const queue = new LightQueue<number>();
  const killed = spawn(() => queue.get());
  await turn();
  queue.putNowait(1);
  queue.close();
  const step = queue[Symbol.asyncIterator]().next();
  killed.kill();
  expect(await step).toEqual({ done: false, value: 1 });
  await expect(run(() => queue.get())).rejects.toEqual(code('ERR_VERDANT_CLOSED'));
});

test('a promise as an item is given as it is', async () => {
  const queue = new LightQueue<Promise<number>>();
  const promise = Promise.resolve(1);
  const step = queue[Symbol.asyncIterator]().next();
  queue.putNowait(promise);
  expect((await step).value).toBe(promise);
});
