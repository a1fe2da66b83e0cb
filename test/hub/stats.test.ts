// hub.stats(): what is there at one moment.
import { run, sleep, spawn } from 'verdant';
import { getHub } from 'verdant/hub';
import { useVirtualClock } from '../support/virtual_clock';

useVirtualClock();

test('counts live and ready green threads, timers and suspended coroutines', async () => {
  const before = getHub().stats();
  const threads = [spawn(() => sleep(10)), spawn(() => sleep(20)), spawn(() => undefined)];
  expect(getHub().stats()).toMatchObject({ greenThreads: 3, ready: 3, timers: 0, suspended: before.suspended });
  await run(() => {
    expect(getHub().stats()).toMatchObject({ greenThreads: 3, ready: 0, timers: 2, suspended: before.suspended + 2 });
    sleep(15);
    expect(getHub().stats()).toMatchObject({ greenThreads: 2, timers: 1, suspended: before.suspended + 1 });
  });
  await Promise.all(threads);
  expect(getHub().stats()).toMatchObject({ greenThreads: 0, ready: 0, timers: 0, suspended: before.suspended });
});

test('counts switches and turns, which only grow', async () => {
  const before = getHub().stats();
  await run(() => {
    for (let round = 0; round < 10; round += 1) sleep(1);
  });
  const after = getHub().stats();
  expect(after.switches - before.switches).toBeGreaterThanOrEqual(20);
  expect(after.turns - before.turns).toBeGreaterThanOrEqual(10);
});

test('a stack that is no longer in use is kept for reuse', async () => {
  const before = getHub().stats().stacks;
  await Promise.all(Array.from({ length: 10 }, () => spawn(() => sleep(1))));
  const after = getHub().stats().stacks;
  expect(after.inUse).toBe(before.inUse);
  expect(after.idle).toBeGreaterThanOrEqual(10);
});

test('names the kind of hub', () => {
  expect(getHub().stats().name).toBe('virtual');
});
