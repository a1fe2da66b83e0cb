// spawn and spawnN: start at a later turn, first come first served, from anywhere; what they take and give.
import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { getCurrent, type GreenThread, run, sleep, spawn, spawnN } from 'verdant';
import { code, thrown } from './thrown';

test('spawn never runs the function inside the caller, neither in plain nor in green code', async () => {
  let ran = false;
  const first = spawn(() => {
    ran = true;
  });
  expect(ran).toBe(false);
  await first;
  expect(ran).toBe(true);

  await run(() => {
    let inner = false;
    spawn(() => {
      inner = true;
    });
    expect(inner).toBe(false);
    sleep(0);
    expect(inner).toBe(true);
  });
});

test('green threads start in the order in which they were spawned', async () => {
  const seen: number[] = [];
  const order = Array.from({ length: 200 }, (_, index) => index);
  await Promise.all(order.map((index) => spawn(() => seen.push(index))));
  expect(seen).toEqual(order);
});

test('spawn and spawnN stand in one queue', async () => {
  const seen: string[] = [];
  spawnN((name: string) => seen.push(name), 'a');
  const b = spawn((name: string) => seen.push(name), 'b');
  spawnN((name: string) => seen.push(name), 'c');
  const d = spawn((name: string) => seen.push(name), 'd');
  await Promise.all([b, d]);
  expect(seen).toEqual(['a', 'b', 'c', 'd']);
});

test('the function gets the arguments, and its result is the outcome', async () => {
  const thread = spawn((...args: unknown[]) => args, 1, 'two', null, undefined);
  expect(await thread).toEqual([1, 'two', null, undefined]);
});

test('spawn may be called from timers, immediates, ticks, microtasks, async functions and green threads', async () => {
  const seen: string[] = [];
  const ended: Promise<unknown>[] = [];
  const from = (place: string): void => {
    ended.push(spawn(() => seen.push(place)).promise());
  };
  const later: Record<string, (act: () => void) => unknown> = {
    timer: (act) => setTimeout(act, 1),
    immediate: (act) => setImmediate(act),
    tick: (act) => process.nextTick(act),
    microtask: (act) => queueMicrotask(act),
  };
  const places = Object.entries(later).map(
    ([place, schedule]) =>
      new Promise<void>((resolve) => {
        schedule(() => {
          from(place);
          resolve();
        });
      }),
  );
  await Promise.all([
    ...places,
    (async () => {
      await Promise.resolve();
      from('async');
    })(),
    run(() => from('green')),
  ]);
  await Promise.all(ended);
  expect(seen.sort()).toEqual(['async', 'green', 'immediate', 'microtask', 'tick', 'timer']);
});

test('spawnN returns nothing', async () => {
  let ran = false;
  const returned = (spawnN as (fn: () => void) => unknown)(() => {
    ran = true;
  });
  expect(returned).toBeUndefined();
  await run(() => undefined);
  expect(ran).toBe(true);
});

test('options before the function give the green thread its name', async () => {
  const thread = spawn({ name: 'worker' }, (a: number, b: number) => a + b, 1, 2);
  expect(thread.name).toBe('worker');
  expect(await thread).toBe(3);
});

test('without a name it is called after its id, and no two ids are the same', async () => {
  const threads = Array.from({ length: 10 }, () => spawn({}, () => undefined));
  for (const thread of threads) expect(thread.name).toBe(`green-${thread.id}`);
  expect(new Set(threads.map((thread) => thread.id)).size).toBe(10);
  await Promise.all(threads);
});

test('an abort of the signal kills with the reason of the signal', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  let caught: unknown;
  const thread = spawn({ signal: controller.signal }, () => {
    caught = thrown(() => sleep(Infinity));
    throw caught;
  });
  await run(() => sleep(0));
  controller.abort(reason);
  await run(() => thread.join());
  expect(caught).toBe(reason);
  expect(thread.state).toBe('killed');
  expect(thread.error).toBe(reason);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

test('with a signal that is already aborted it never starts', async () => {
  const reason = new Error('too late');
  const fn = jest.fn();
  const thread = spawn({ signal: AbortSignal.abort(reason) }, fn);
  await expect(thread).rejects.toBe(reason);
  expect(fn).not.toHaveBeenCalled();
  expect(thread.state).toBe('killed');
});

test('an abort by the green thread itself reaches it at its next suspension', async () => {
  const controller = new AbortController();
  const seen: string[] = [];
  const thread = spawn({ signal: controller.signal }, () => {
    controller.abort('by myself');
    seen.push('after the abort');
    sleep(0);
    seen.push('after the suspension');
  });
  await expect(thread).rejects.toBe('by myself');
  expect(seen).toEqual(['after the abort']);
});

test('a green thread that has ended leaves no listener on its signal', async () => {
  const { signal } = new AbortController();
  await spawn({ signal }, () => sleep(0));
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test("context 'inherit' (the default) keeps the stores of the spawner, 'empty' starts without any", async () => {
  const store = new AsyncLocalStorage<string>();
  const read = (): string | undefined => store.getStore();
  const [byDefault, inherited, empty] = store.run('mine', () => [
    spawn(read),
    spawn({ context: 'inherit' }, read),
    spawn({ context: 'empty' }, read),
  ]);
  expect([await byDefault, await inherited, await empty]).toEqual(['mine', 'mine', undefined]);
});

test('getCurrent gives the running green thread inside, and null outside', async () => {
  expect(getCurrent()).toBeNull();
  let inside: GreenThread | null = null;
  const thread = spawn(() => {
    inside = getCurrent();
    sleep(0);
    return [getCurrent()];
  });
  expect(await thread).toEqual([thread]);
  expect(inside).toBe(thread);
  expect(getCurrent()).toBeNull();
});

test('getCurrent is null in an async function after its first await, also when a green thread called it', async () => {
  let before: unknown;
  let after: unknown;
  const thread = spawn(() =>
    (async () => {
      before = getCurrent();
      await Promise.resolve();
      after = getCurrent();
    })(),
  );
  await thread;
  expect(before).toBe(thread);
  expect(after).toBeNull();
});

test.each<[string, unknown[]]>([
  ['no function', []],
  ['a string', ['fn']],
  ['null', [null]],
  ['options without a function', [{}]],
  ['options and no function', [{}, 'fn']],
  ['a name that is no string', [{ name: 1 }, () => undefined]],
  ['a signal that is none', [{ signal: {} }, () => undefined]],
  ['an unknown context', [{ context: 'other' }, () => undefined]],
])('spawn refuses %s, and spawns nothing', (_what, args) => {
  expect(thrown(() => (spawn as (...given: unknown[]) => unknown)(...args))).toEqual(code('ERR_INVALID_ARG_TYPE'));
});

test('spawnN refuses what is no function', () => {
  expect(thrown(() => spawnN({} as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
});
