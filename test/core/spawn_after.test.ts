// spawnAfter and spawnAfterLocal: a start at a later time, that can be prevented.
import { cancel, kill, run, sleep, spawn, spawnAfter, spawnAfterLocal } from 'verdant';
import { getHub } from 'verdant/hub';
import { useVirtualClock } from '../support/virtual_clock';
import { code, thrown } from './thrown';

const hub = useVirtualClock();

describe.each([
  ['spawnAfter', spawnAfter],
  ['spawnAfterLocal', spawnAfterLocal],
])('%s', (_name, spawnLater) => {
  test('starts the function after the time, with its arguments', async () => {
    const start = hub().time();
    const thread = spawnLater(50, (word: string) => [word, hub().time() - start], 'hello');
    expect(thread.started).toBe(false);
    expect(thread.state).toBe('pending');
    expect(await thread).toEqual(['hello', 50]);
  });

  test('0 ms starts it at a later turn, not inside the caller', async () => {
    let ran = false;
    const thread = spawnLater(0, () => {
      ran = true;
    });
    expect(ran).toBe(false);
    await thread;
    expect(ran).toBe(true);
  });

  test('those of the same time start in order', async () => {
    const seen: number[] = [];
    await Promise.all([1, 2, 3].map((index) => spawnLater(5, () => seen.push(index))));
    expect(seen).toEqual([1, 2, 3]);
  });

  test('cancel before the start prevents it, and takes the timer back', async () => {
    const fn = jest.fn();
    const thread = spawnLater(1e6, fn);
    expect(cancel(thread)).toBe(true);
    expect(getHub().stats().timers).toBe(0);
    await expect(thread).rejects.toMatchObject({ code: 'ERR_VERDANT_KILLED' });
    expect(fn).not.toHaveBeenCalled();
    expect(thread.started).toBe(false);
    expect(thread.state).toBe('killed');
  });

  test('kill before the start ends it with the reason at the next turn', async () => {
    const start = hub().time();
    const fn = jest.fn();
    const reason = new Error('no need');
    const thread = spawnLater(1e6, fn);
    kill(thread, reason);
    expect(thread.dead).toBe(false);
    await expect(thread).rejects.toBe(reason);
    expect(hub().time()).toBe(start);
    expect(fn).not.toHaveBeenCalled();
  });

  test('cancel after the start has no effect', async () => {
    const thread = spawnLater(1, () => {
      sleep(10);
      return 'done';
    });
    await run(() => sleep(5));
    expect(thread.state).toBe('suspended');
    expect(cancel(thread)).toBe(false);
    expect(await thread).toBe('done');
  });

  test('Infinity never starts it, and holds no timer', async () => {
    const fn = jest.fn();
    const thread = spawnLater(Infinity, fn);
    expect(getHub().stats().timers).toBe(0);
    await run(() => sleep(1e9));
    expect(thread.state).toBe('pending');
    thread.kill();
    await run(() => thread.join());
    expect(fn).not.toHaveBeenCalled();
  });

  test('refuses wrong arguments, and starts no timer', () => {
    const before = getHub().stats();
    const fn = jest.fn();
    expect(thrown(() => spawnLater('5' as never, fn))).toEqual(code('ERR_INVALID_ARG_TYPE'));
    expect(thrown(() => spawnLater(-1, fn))).toEqual(code('ERR_OUT_OF_RANGE'));
    expect(thrown(() => spawnLater(NaN, fn))).toEqual(code('ERR_OUT_OF_RANGE'));
    expect(thrown(() => spawnLater(1, 'fn' as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
    expect(getHub().stats()).toEqual(before);
  });
});

test('spawnAfter starts although its spawner has ended', async () => {
  const thread = await run(() => [spawnAfter(10, () => 'started')]);
  expect(await thread[0]).toBe('started');
});

test('spawnAfterLocal is dropped when its spawner has ended by then', async () => {
  const fn = jest.fn();
  const [thread] = await run(() => [spawnAfterLocal(10, fn)]);
  await run(() => thread.join());
  expect(fn).not.toHaveBeenCalled();
  expect(thread.state).toBe('killed');
  expect(thread.error).toEqual(code('ERR_VERDANT_KILLED'));
});

test('spawnAfterLocal starts when its spawner is still alive', async () => {
  const spawner = spawn(() => {
    const local = spawnAfterLocal(10, () => 'started');
    sleep(20);
    return [local];
  });
  const [local] = await spawner;
  expect(await local).toBe('started');
});

test('spawnAfterLocal from plain code has no spawner that could end', async () => {
  expect(await spawnAfterLocal(10, () => 'started')).toBe('started');
});
