// A GreenThread as a promise: await, then, catch, finally, all, race; from async code and from green code.
import { run, sleep, spawn } from 'verdant';

const error = new Error('broken');
const good = (): string => (sleep(1), 'value');
const bad = (): never => {
  sleep(1);
  throw error;
};

test('await gives the value', async () => {
  expect(await spawn(good)).toBe('value');
});

test('await throws the same error object', async () => {
  await expect(
    (async () => {
      await spawn(bad);
    })(),
  ).rejects.toBe(error);
});

test('await works after the end, any number of times', async () => {
  const thread = spawn(good);
  await thread;
  expect([await thread, await thread]).toEqual(['value', 'value']);
});

test('Promise.all, allSettled, race, any and resolve take green threads', async () => {
  expect(await Promise.all([spawn(good), spawn(() => 1)])).toEqual(['value', 1]);
  expect(await Promise.allSettled([spawn(good), spawn(bad)])).toEqual([
    { status: 'fulfilled', value: 'value' },
    { status: 'rejected', reason: error },
  ]);
  expect(await Promise.race([spawn(good), new Promise(() => undefined)])).toBe('value');
  expect(await Promise.any([spawn(bad), spawn(good)])).toBe('value');
  expect(await Promise.resolve(spawn(good))).toBe('value');
});

test('then calls its handlers with the outcome, and gives a promise of what they return', async () => {
  expect(await spawn(good).then((value) => `${value}!`)).toBe('value!');
  expect(await spawn(bad).then(null, (reason: unknown) => [reason])).toEqual([error]);
  expect(spawn(good).then()).toBeInstanceOf(Promise);
});

test('then passes the outcome through handlers that are missing', async () => {
  expect(await spawn(good).then()).toBe('value');
  await expect(spawn(bad).then((value) => value)).rejects.toBe(error);
});

test('catch and finally are those of a promise', async () => {
  const seen: string[] = [];
  expect(await spawn(bad).catch((reason: unknown) => [reason])).toEqual([error]);
  expect(await spawn(good).catch(() => 'unused')).toBe('value');
  expect(await spawn(good).finally(() => seen.push('finally'))).toBe('value');
  await expect(spawn(bad).finally(() => seen.push('finally'))).rejects.toBe(error);
  expect(seen).toEqual(['finally', 'finally']);
});

test('handlers run after the green thread has ended, asynchronously', async () => {
  const seen: string[] = [];
  const thread = spawn(() => {
    sleep(0);
    seen.push('thread');
  });
  await thread.then(() => seen.push('handler'));
  thread.then(() => seen.push('late handler')).catch(() => undefined);
  seen.push('sync');
  await Promise.resolve();
  await Promise.resolve();
  expect(seen).toEqual(['thread', 'handler', 'sync', 'late handler']);
});

test('a promise that the function returned is waited for by await, and is the value for wait()', async () => {
  const promise = Promise.resolve('inner');
  const thread = spawn(() => promise);
  expect(await thread).toBe('inner');
  expect(await run(() => [thread.wait() === promise])).toEqual([true]);
});

test('a hundred awaiters all get the outcome', async () => {
  const thread = spawn(good);
  const all = await Promise.all(
    Array.from({ length: 100 }, async () => {
      return await thread;
    }),
  );
  expect(all).toEqual(Array.from({ length: 100 }, () => 'value'));
});
