// GreenThread: its properties through every kind of life.
import { GreenExit, GreenThread, run, sleep, spawn } from 'verdant';
import { thrown } from './thrown';

function look(thread: GreenThread): unknown[] {
  return [thread.state, thread.started, thread.dead, thread.value, thread.error];
}

test('pending, running, suspended, done', async () => {
  const seen: unknown[] = [];
  const thread: GreenThread = spawn(() => {
    seen.push(look(thread));
    sleep(0);
    return 'value';
  });
  seen.unshift(look(thread));
  await run(() => seen.push(look(thread)));
  await thread;
  seen.push(look(thread));
  expect(seen).toEqual([
    ['pending', false, false, undefined, undefined],
    ['running', true, false, undefined, undefined],
    ['suspended', true, false, undefined, undefined],
    ['done', true, true, 'value', undefined],
  ]);
});

test('failed: error is what was thrown, value stays undefined', async () => {
  const error = new Error('broken');
  const thread = spawn(() => {
    throw error;
  });
  await expect(thread).rejects.toBe(error);
  expect(look(thread)).toEqual(['failed', true, true, undefined, error]);
});

test('killed after its start: error is the reason', async () => {
  const reason = new Error('reason');
  const thread = spawn(() => sleep(Infinity));
  await run(() => sleep(0));
  thread.kill(reason);
  await expect(thread).rejects.toBe(reason);
  expect(look(thread)).toEqual(['killed', true, true, undefined, reason]);
});

test('killed before its start: it was never started', async () => {
  const reason = new Error('reason');
  const thread = spawn(() => 1);
  thread.kill(reason);
  await expect(thread).rejects.toBe(reason);
  expect(look(thread)).toEqual(['killed', false, true, undefined, reason]);
});

test('a GreenExit thrown by the function itself ends it as killed', async () => {
  const exit = new GreenExit('on my own');
  const thread = spawn(() => {
    throw exit;
  });
  await expect(thread).rejects.toBe(exit);
  expect(look(thread)).toEqual(['killed', true, true, undefined, exit]);
});

test('killed, but it threw something else on the way out: it failed with that', async () => {
  const other = new Error('while cleaning up');
  const thread = spawn(() => {
    try {
      sleep(Infinity);
    } finally {
      // eslint-disable-next-line no-unsafe-finally -- a cleanup that fails is what this test is about
      throw other;
    }
  });
  await run(() => sleep(0));
  thread.kill();
  await expect(thread).rejects.toBe(other);
  expect(look(thread)).toEqual(['failed', true, true, undefined, other]);
});

test('killed, but it returned: it is done', async () => {
  const thread = spawn(() => {
    thrown(() => sleep(Infinity));
    return 'survived';
  });
  await run(() => sleep(0));
  thread.kill();
  expect(await thread).toBe('survived');
  expect(look(thread)).toEqual(['done', true, true, 'survived', undefined]);
});

test('a function that returned undefined is done, with undefined', async () => {
  const thread = spawn((): unknown => undefined);
  expect(await thread).toBeUndefined();
  expect(thread.state).toBe('done');
});

test('a function that threw undefined has failed', async () => {
  const thread = spawn(() => {
    throw undefined;
  });
  await expect(thread).rejects.toBeUndefined();
  expect(thread.state).toBe('failed');
});

test('parent is the green thread that spawned it, null for plain code', async () => {
  const outer = spawn(() => {
    const inner = spawn(() => undefined);
    inner.wait();
    return [inner.parent];
  });
  expect(outer.parent).toBeNull();
  const [parent] = await outer;
  expect(parent).toBe(outer);
});

test('it is instanceof GreenThread and says so when printed', async () => {
  const thread = spawn(() => undefined);
  expect(thread).toBeInstanceOf(GreenThread);
  expect(Object.prototype.toString.call(thread)).toBe('[object GreenThread]');
  await thread;
});

test('describe names it, its state, and its stacks', async () => {
  const thread = spawn({ name: 'sleeper' }, function dozing() {
    sleep(Infinity);
  });
  await run(() => sleep(0));
  expect(thread.describe()).toMatch(/^sleeper \(suspended\)\n[^]*at dozing [^]*--- spawned at ---\n/);
  thread.kill();
  await run(() => thread.join());
  expect(thread.describe()).toMatch(/^sleeper \(killed\)\n\s+--- spawned at ---\n/);
});

test('a method called on another kind of object throws a TypeError', () => {
  const wait = GreenThread.prototype.wait as (this: unknown) => unknown;
  expect(thrown(() => wait.call({}))).toBeInstanceOf(TypeError);
  const kill = GreenThread.prototype.kill;
  expect(thrown(() => kill.call({}))).toBeInstanceOf(TypeError);
});
