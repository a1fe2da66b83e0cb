// WaitGroup: waits until all that was added is done, as often as one likes.
import { run, sleep, spawn, WaitGroup } from 'verdant';
import { getHub } from 'verdant/hub';
import { code, thrown } from '../core/thrown';
import { useVirtualClock } from '../support/virtual_clock';

useVirtualClock();

test('a wait lasts until the last is done', async () => {
  const group = new WaitGroup();
  await run(() => {
    const begin = getHub().time();
    for (const ms of [3, 1, 2]) {
      group.add();
      spawn(() => {
        sleep(ms);
        group.done();
      });
    }
    group.wait();
    expect(getHub().time() - begin).toBe(3);
  });
  expect(group.statistics()).toEqual({ count: 0, waiting: 0 });
});

test('a wait for nothing does not wait', async () => {
  const group = new WaitGroup();
  await run(() => {
    group.wait();
    group.add(2);
    group.add(-2);
    group.wait();
  });
  expect(group.count).toBe(0);
});

test('everybody who waits goes on, oldest first, also when more is added before they run', async () => {
  const group = new WaitGroup();
  const order: number[] = [];
  await run(() => {
    group.add();
    const waiters = [1, 2, 3].map((number) => spawn(() => (group.wait(), order.push(number))));
    sleep(0);
    group.done();
    group.add();
    for (const waiter of waiters) waiter.join();
    expect(thrown(() => group.wait({ timeout: 1 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
  });
  expect(order).toEqual([1, 2, 3]);
});

test('plain callbacks may add and be done', async () => {
  const group = new WaitGroup();
  group.add();
  setImmediate(() => group.done());
  await run(() => group.wait());
  expect(group.count).toBe(0);
});

test('more cannot be done than was added', () => {
  const group = new WaitGroup();
  expect(thrown(() => group.done())).toEqual(code('ERR_VERDANT_TOO_MANY_DONE'));
  group.add(2);
  expect(thrown(() => group.add(-3))).toEqual(code('ERR_VERDANT_TOO_MANY_DONE'));
  expect(group.count).toBe(2);
});

test('what is no integer is refused, and so is waiting in plain code', () => {
  const group = new WaitGroup();
  expect(thrown(() => group.add(0.5))).toEqual(code('ERR_OUT_OF_RANGE'));
  expect(thrown(() => group.add('1' as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  expect(thrown(() => group.wait())).toEqual(code('ERR_VERDANT_NOT_GREEN'));
});
