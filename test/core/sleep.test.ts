// sleep: suspends only the caller, wakes in order of deadline and then of call, ends early only by abort or kill.
import { getEventListeners } from 'node:events';
import { run, sleep, spawn } from 'verdant';
import { getHub } from 'verdant/hub';
import { useVirtualClock } from '../support/virtual_clock';
import { thrown } from './thrown';

const hub = useVirtualClock();

test('two green threads that sleep(0) take turns: 1A 2A 1B 2B', async () => {
  const seen: string[] = [];
  const body = (name: string): void => {
    seen.push(`${name}A`);
    sleep(0);
    seen.push(`${name}B`);
  };
  await Promise.all([spawn(body, '1'), spawn(body, '2')]);
  expect(seen).toEqual(['1A', '2A', '1B', '2B']);
});

test('sleep() without an argument yields like sleep(0)', async () => {
  const seen: string[] = [];
  await run(() => {
    const other = spawn(() => seen.push('other'));
    sleep();
    seen.push('me');
    other.wait();
  });
  expect(seen).toEqual(['other', 'me']);
});

test('sleepers wake in the order of their deadlines', async () => {
  const seen: number[] = [];
  await Promise.all(
    [30, 10, 20].map((ms) =>
      run(() => {
        sleep(ms);
        seen.push(ms);
      }),
    ),
  );
  expect(seen).toEqual([10, 20, 30]);
});

test('sleepers with equal deadlines wake in the order in which they went to sleep', async () => {
  const seen: number[] = [];
  const order = Array.from({ length: 100 }, (_, index) => index);
  await Promise.all(
    order.map((index) =>
      run(() => {
        sleep(10);
        seen.push(index);
      }),
    ),
  );
  expect(seen).toEqual(order);
});

test('sleep(ms) lasts exactly ms on the clock of the hub', async () => {
  const start = hub().time();
  await run(() => sleep(3_600_000));
  expect(hub().time() - start).toBe(3_600_000);
});

test('sleep(ms) lasts at least ms of fractions of a millisecond', async () => {
  const start = hub().time();
  await run(() => sleep(0.25));
  expect(hub().time() - start).toBe(0.25);
});

test('sleep(Infinity) ends by kill only, and holds no timer', async () => {
  const sleeper = spawn(() => sleep(Infinity));
  await run(() => sleep(1e9));
  expect(sleeper.state).toBe('suspended');
  expect(getHub().stats().timers).toBe(0);
  sleeper.kill();
  await expect(sleeper).rejects.toMatchObject({ code: 'ERR_VERDANT_KILLED' });
});

test.each([0, 5, Infinity])('an aborted signal ends sleep(%d) with its reason and without a listener', async (ms) => {
  const reason = new Error('stop');
  const signal = AbortSignal.abort(reason);
  await run(() => {
    expect(thrown(() => sleep(ms, { signal }))).toBe(reason);
  });
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('an abort during sleep throws the reason, and leaves no listener and no timer', async () => {
  const controller = new AbortController();
  const reason = { not: 'an error' };
  const sleeper = spawn(() => thrown(() => sleep(1000, { signal: controller.signal })));
  await run(() => sleep(0));
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  controller.abort(reason);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  expect(getHub().stats().timers).toBe(0);
  expect(await sleeper).toBe(reason);
});

test('a sleep that is over leaves no listener on its signal', async () => {
  const { signal } = new AbortController();
  await run(() => {
    sleep(0, { signal });
    sleep(1, { signal });
  });
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('promises, timers and immediates of Node go on while green threads sleep', async () => {
  const seen: string[] = [];
  const sleeper = run(() => {
    sleep(1e6);
    seen.push('green');
  });
  await Promise.resolve();
  seen.push('promise');
  await sleeper;
  expect(seen).toEqual(['promise', 'green']);
});
