// GreenLocal: every green thread has a value of its own, made at first use and collected with it; plain code has one too.
import { GreenLocal, run, sleep, spawn } from 'verdant';
import { code, thrown } from '../core/thrown';

test('what one green thread sets, no other sees, and neither does plain code', async () => {
  const local = new GreenLocal<string>();
  local.set('plain');
  const other = spawn(() => {
    sleep(1);
    return [local.has(), local.get()];
  });
  const mine = await run(() => {
    local.set('mine');
    sleep(2);
    return [local.has(), local.get()];
  });
  expect([mine, await other, local.get()]).toEqual([[true, 'mine'], [false, undefined], 'plain']);
  local.delete();
});

test('nothing is inherited at spawn', async () => {
  const local = new GreenLocal<string>();
  expect(
    await run(() => {
      local.set('parent');
      return spawn(() => local.get()).wait();
    }),
  ).toBeUndefined();
});

test('the initialiser is called once in each green thread, when it first asks', async () => {
  let calls = 0;
  const local = new GreenLocal(() => (calls += 1));
  const threads = [1, 2].map(() => spawn(() => [local.get(), local.get()]));
  spawn(() => undefined);
  expect([await threads[0], await threads[1], calls]).toEqual([[1, 1], [2, 2], 2]);
  expect(local.statistics()).toEqual({ created: 2 });
});

test('an initialiser may block, meanwhile others make their own', async () => {
  const local = new GreenLocal(() => {
    sleep(1);
    return {};
  });
  const [one, other] = [spawn(() => local.get()), spawn(() => local.get())];
  expect(Object.is(await one, await other)).toBe(false);
});

test('an initialiser that throws is called again at the next get()', async () => {
  let broken = true;
  const local = new GreenLocal(() => {
    if (broken) throw new Error('not yet');
    return 1;
  });
  await run(() => {
    expect(thrown(() => local.get())).toEqual(new Error('not yet'));
    broken = false;
    expect(local.get()).toBe(1);
  });
});

test('undefined is a value', async () => {
  let calls = 0;
  const local = new GreenLocal<number | undefined>(() => {
    calls += 1;
    return undefined;
  });
  expect(await run(() => [local.get(), local.get(), local.has()])).toEqual([undefined, undefined, true]);
  expect(calls).toBe(1);
});

test('a deleted value is made anew', async () => {
  let calls = 0;
  const local = new GreenLocal(() => (calls += 1));
  expect(await run(() => [local.get(), local.delete(), local.has(), local.delete(), local.get()])).toEqual([
    1,
    true,
    false,
    false,
    2,
  ]);
});

test('value is get() and set()', async () => {
  const local = new GreenLocal(() => 1);
  expect(
    await run(() => {
      local.value += 1;
      return [local.value, local.get()];
    }),
  ).toEqual([2, 2]);
});

test('the callbacks of a hub see the value of plain code', async () => {
  const local = new GreenLocal(() => 'none');
  local.set('plain');
  const seen = await new Promise((resolve) => {
    const thread = spawn(() => local.set('green'));
    thread.link(() => resolve(local.get()));
  });
  expect(seen).toBe('plain');
});

test('a value is collected when its green thread is, although the local lives on', async () => {
  const local = new GreenLocal<object>();
  const refs: WeakRef<object>[] = [];
  await run(() => {
    for (let n = 0; n < 100; n += 1) {
      spawn(() => {
        const value = {};
        local.set(value);
        refs.push(new WeakRef(value));
      });
    }
    sleep(1);
  });
  const alive = (): number => refs.filter((ref) => ref.deref() !== undefined).length;
  for (let round = 0; round < 10 && alive() > 5; round += 1) {
    await new Promise((resolve) => setImmediate(resolve)); // a WeakRef holds its target until the end of the job
    globalThis.gc!();
  }
  expect(refs).toHaveLength(100);
  // A few may still be referred to from the machine stack, which V8 scans conservatively for nothing else than handles.
  expect(alive()).toBeLessThanOrEqual(5);
});

test('an initialiser must be a function', () => {
  expect(thrown(() => new GreenLocal(1 as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
});
