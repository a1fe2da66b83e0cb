// GreenThread.wait and join: the outcome for any number of waiters, during and after its life; timeout, abort and kill.
import { getEventListeners } from 'node:events';
import { type GreenThread, run, sleep, spawn } from 'verdant';
import { getHub } from 'verdant/hub';
import { useVirtualClock } from '../support/virtual_clock';
import { code, thrown } from './thrown';

useVirtualClock();

const error = new Error('broken');
const failing = (): never => {
  sleep(1);
  throw error;
};

test('wait gives what the function returned', async () => {
  expect(await run(() => spawn(() => (sleep(5), 'value')).wait())).toBe('value');
});

test('wait throws what the function threw, as the same object', async () => {
  expect(await run(() => thrown(() => spawn(failing).wait()))).toBe(error);
});

test('wait after the end gives the outcome again and again, without suspending', async () => {
  const thread = spawn(() => 'value');
  await thread;
  await run(() => {
    const { switches } = getHub().stats();
    expect(thread.wait()).toBe('value');
    expect(thread.wait()).toBe('value');
    expect(getHub().stats().switches).toBe(switches);
  });
});

test('wait after a failure throws the same object again and again', async () => {
  const thread = spawn(failing);
  await run(() => {
    expect(thrown(() => thread.wait())).toBe(error);
    expect(thrown(() => thread.wait())).toBe(error);
  });
});

test('any number of waiters get the outcome, in the order in which they came', async () => {
  const seen: [number, unknown][] = [];
  const thread = spawn(() => (sleep(10), { answer: 42 }));
  const waiters = Array.from({ length: 50 }, (_, index) => spawn(() => seen.push([index, thread.wait()])));
  const value = await thread;
  await Promise.all(waiters);
  expect(seen.map(([index]) => index)).toEqual(waiters.map((_, index) => index));
  for (const [, outcome] of seen) expect(outcome).toBe(value);
});

test('all waiters of a failing green thread get the same object', async () => {
  const thread = spawn(failing);
  const caught = await Promise.all([1, 2, 3].map(() => run(() => thrown(() => thread.wait()))));
  for (const outcome of caught) expect(outcome).toBe(error);
});

test('wait of a killed green thread throws the reason', async () => {
  const reason = new Error('reason');
  const thread = spawn(() => sleep(Infinity));
  await run(() => {
    sleep(0);
    thread.kill(reason);
    expect(thrown(() => thread.wait())).toBe(reason);
  });
});

test('wait throws ERR_VERDANT_TIMEOUT when the time is up, and the green thread goes on', async () => {
  const thread = spawn(() => (sleep(100), 'late'));
  await run(() => {
    expect(thrown(() => thread.wait({ timeout: 10 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
    expect(thread.wait({ timeout: 1000 })).toBe('late');
  });
  expect(getHub().stats().timers).toBe(0);
});

test('wait with timeout 0 gives others one chance only', async () => {
  const thread = spawn(() => sleep(100));
  await run(() => expect(thrown(() => thread.wait({ timeout: 0 }))).toEqual(code('ERR_VERDANT_TIMEOUT')));
  await thread;
});

test('wait ends with the reason of an aborted signal, and leaves no listener', async () => {
  const controller = new AbortController();
  const thread = spawn(() => sleep(100));
  const waiter = spawn(() => thrown(() => thread.wait({ signal: controller.signal })));
  await run(() => sleep(1));
  controller.abort('changed my mind');
  expect(await waiter).toBe('changed my mind');
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  expect(thread.dead).toBe(false);
  await thread;
});

test('a killed waiter leaves the others in place', async () => {
  const thread = spawn(() => (sleep(100), 'value'));
  const [first, second, third] = [1, 2, 3].map(() => spawn(() => thread.wait()));
  await run(() => sleep(1));
  second!.kill();
  expect(await Promise.allSettled([first, second, third])).toEqual([
    { status: 'fulfilled', value: 'value' },
    { status: 'rejected', reason: code('ERR_VERDANT_KILLED') },
    { status: 'fulfilled', value: 'value' },
  ]);
});

test('wait for itself throws ERR_VERDANT_DEADLOCK, join too', async () => {
  const thread: GreenThread<unknown[]> = spawn(() => [thrown(() => thread.wait()), thrown(() => thread.join())]);
  expect(await thread).toEqual([code('ERR_VERDANT_DEADLOCK'), code('ERR_VERDANT_DEADLOCK')]);
});

test('join is true however the green thread ended', async () => {
  await run(() => {
    expect(spawn(() => 1).join()).toBe(true);
    expect(spawn(failing).join()).toBe(true);
    const killed = spawn(() => 1);
    killed.kill();
    expect(killed.join()).toBe(true);
    expect(killed.join()).toBe(true);
  });
});

test('join is false when the timeout came first', async () => {
  const thread = spawn(() => sleep(100));
  await run(() => {
    expect(thread.join({ timeout: 10 })).toBe(false);
    expect(thread.join({ timeout: 1000 })).toBe(true);
  });
});

test('join throws the reason of its signal', async () => {
  const thread = spawn(() => sleep(100));
  await run(() => expect(thrown(() => thread.join({ signal: AbortSignal.abort('no') }))).toBe('no'));
  await thread;
});

test.each<[string, unknown, string]>([
  ['a number', 5, 'ERR_INVALID_ARG_TYPE'],
  ['null', null, 'ERR_INVALID_ARG_TYPE'],
  ['a timeout that is no number', { timeout: '5' }, 'ERR_INVALID_ARG_TYPE'],
  ['a negative timeout', { timeout: -1 }, 'ERR_OUT_OF_RANGE'],
  ['a timeout of NaN', { timeout: NaN }, 'ERR_OUT_OF_RANGE'],
  ['a signal that is none', { signal: {} }, 'ERR_INVALID_ARG_TYPE'],
])('wait and join refuse %s as options, and wait for nothing', async (_what, options, expected) => {
  const thread = spawn(() => 1);
  await run(() => {
    const { switches } = getHub().stats();
    expect(thrown(() => thread.wait(options as never))).toEqual(code(expected));
    expect(thrown(() => thread.join(options as never))).toEqual(code(expected));
    expect(getHub().stats().switches).toBe(switches);
  });
});
