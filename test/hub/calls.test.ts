// runThreadsafe and scheduleCallGlobal: calls on the stack of the hub, in order, in the context of who asked for them.
import { AsyncLocalStorage } from 'node:async_hooks';
import { getCurrent, run, sleep, spawn } from 'verdant';
import { getHub } from 'verdant/hub';
import { code, thrown } from '../core/thrown';
import { expectOk } from '../support/children';
import { useVirtualClock } from '../support/virtual_clock';

const hub = useVirtualClock();

const nextTurn = (): Promise<void> => run(() => sleep(1));

test('runThreadsafe calls at the next turn, never at once, outside of green threads, first come first served', async () => {
  const seen: unknown[] = [];
  await run(() => {
    hub().runThreadsafe(() => seen.push(['first', getCurrent()]));
    hub().runThreadsafe(() => seen.push(['second', getCurrent()]));
    seen.push('caller');
    sleep(1);
  });
  expect(seen).toEqual(['caller', ['first', null], ['second', null]]);
});

test('runThreadsafe wakes a hub that has nothing to do', async () => {
  await new Promise<void>((resolve) => hub().runThreadsafe(resolve));
  expect(hub().stats().ready).toBe(0);
});

test('a call that a call asks for comes in a later turn', async () => {
  const turns: number[] = [];
  await new Promise<void>((resolve) => {
    hub().runThreadsafe(() => {
      turns.push(hub().stats().turns);
      hub().runThreadsafe(() => {
        turns.push(hub().stats().turns);
        resolve();
      });
    });
  });
  expect(turns[1]! - turns[0]!).toBe(1);
});

test('calls see the AsyncLocalStorage stores of who asked', async () => {
  const store = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  store.run('a', () => hub().runThreadsafe(() => seen.push(store.getStore())));
  store.run('b', () => hub().scheduleCallGlobal(0, () => seen.push(store.getStore())));
  store.run('c', () => spawn(() => hub().runThreadsafe(() => seen.push(store.getStore()))));
  await nextTurn();
  await nextTurn();
  expect(seen.sort()).toEqual(['a', 'b', 'c']);
});

test('scheduleCallGlobal calls after the time, with arguments, whatever becomes of who asked', async () => {
  const seen: unknown[] = [];
  const start = hub().time();
  await run(() => {
    hub().scheduleCallGlobal(
      20,
      (a: number, b: string) => seen.push([a, b, hub().time() - start, getCurrent()]),
      1,
      'b',
    );
  });
  await run(() => sleep(30));
  expect(seen).toEqual([[1, 'b', 20, null]]);
});

test('scheduleCallLocal calls after the time while the green thread that asked is alive', async () => {
  const seen: unknown[] = [];
  await run(() => {
    hub().scheduleCallLocal(5, (...args: unknown[]) => seen.push(args), 1, 'b');
    sleep(10);
  });
  expect(seen).toEqual([[1, 'b']]);
});

test('scheduleCallLocal is cancelled when the green thread that asked ends first', async () => {
  const call = jest.fn();
  const timer = await run(() => hub().scheduleCallLocal(5, call));
  expect(timer.pending).toBe(false);
  expect(hub().stats().timers).toBe(0);
  await run(() => sleep(10));
  expect(call).not.toHaveBeenCalled();
});

test('scheduleCallLocal from plain code is as scheduleCallGlobal', async () => {
  const call = jest.fn();
  hub().scheduleCallLocal(5, call);
  await run(() => sleep(10));
  expect(call).toHaveBeenCalledTimes(1);
});

test('scheduled calls of equal deadline come in order', async () => {
  const seen: number[] = [];
  for (const index of [1, 2, 3, 4]) hub().scheduleCallGlobal(5, () => seen.push(index));
  await run(() => sleep(10));
  expect(seen).toEqual([1, 2, 3, 4]);
});

test('a scheduled call can be cancelled, and says whether it is pending', async () => {
  const call = jest.fn();
  const [cancelled, fired] = [hub().scheduleCallGlobal(5, call), hub().scheduleCallGlobal(5, () => undefined)];
  expect([cancelled.pending, fired.pending]).toEqual([true, true]);
  cancelled.cancel();
  cancelled.cancel();
  expect(cancelled.pending).toBe(false);
  expect(getHub().stats().timers).toBe(1);
  await run(() => sleep(10));
  expect(call).not.toHaveBeenCalled();
  expect(fired.pending).toBe(false);
  fired.cancel();
});

test('wrong arguments are refused, and nothing is scheduled', () => {
  const before = hub().stats();
  expect(thrown(() => hub().runThreadsafe('x' as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  expect(thrown(() => hub().scheduleCallGlobal('5' as never, () => undefined))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  expect(thrown(() => hub().scheduleCallGlobal(-1, () => undefined))).toEqual(code('ERR_OUT_OF_RANGE'));
  expect(thrown(() => hub().scheduleCallGlobal(5, null as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  expect(hub().stats()).toEqual(before);
});

test('a call that throws is an uncaught exception, and stops neither the other calls nor green threads', async () => {
  await expectOk(__dirname, 'call_throws.cjs');
});
