// assertNoLeaks and trackLeaks: what is left behind is named, what is given back in time is not.
import { EventEmitter } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { platform } from 'node:os';
import { type GreenThread, once, run, sleep, spawn } from 'verdant';
import { getHub, waitReadable } from 'verdant/hub';
import { socketPair } from 'verdant/net';
import { assertNoLeaks, trackLeaks } from 'verdant/testing';
import { expectOk } from '../support/children';

const patience = 20;

async function leakOf(fn: () => unknown, emitters: EventEmitter[] = []): Promise<string> {
  const error: unknown = await assertNoLeaks(fn, { patience, emitters }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: 'ERR_VERDANT_LEAK' });
  return (error as Error).message;
}

test('what leaves nothing passes, with its result', async () => {
  expect(
    await assertNoLeaks(() =>
      run(() => {
        spawn(() => sleep(5)).wait();
        return 7;
      }),
    ),
  ).toBe(7);
});

test('what is gone a little later passes too', async () => {
  await assertNoLeaks(() => void spawn(() => sleep(20)));
});

test('its own error is thrown as it is', async () => {
  const error = new Error('mine');
  await expect(assertNoLeaks(() => Promise.reject(error))).rejects.toBe(error);
});

test('a parked green thread is named with its stack', async () => {
  let thread: GreenThread | undefined;
  const message = await leakOf(() => {
    thread = spawn({ name: 'forgotten' }, function parksHere() {
      sleep(60_000);
    });
  });
  expect(message).toMatch(/live green threads: 0 before, 1 now[^]*stacks in use[^]*timers of the hub: 0 before, 1 now/);
  expect(message).toMatch(/forgotten \(suspended\)[^]*parksHere/);
  thread?.kill();
});

test('a timer of the hub is found', async () => {
  const timers: { cancel: () => void }[] = [];
  expect(await leakOf(() => timers.push(getHub().scheduleCallGlobal(60_000, () => undefined)))).toMatch(/timers/);
  timers[0]?.cancel();
});

test('a listener of process is found, and one of a given emitter', async () => {
  const listener = (): void => undefined;
  const emitter = new EventEmitter();
  expect(await leakOf(() => process.on('SIGUSR2', listener))).toMatch(
    /listeners of process 'SIGUSR2': 0 before, 1 now/,
  );
  process.off('SIGUSR2', listener);
  expect(await leakOf(() => emitter.on('data', listener), [emitter])).toMatch(/listeners of emitters\[0\] 'data'/);
});

test('a listener on an AbortSignal is found', async () => {
  const { signal } = new AbortController();
  const check = trackLeaks({ emitters: [signal], patience });
  const listener = (): void => undefined;
  signal.addEventListener('abort', listener);
  await expect(check()).rejects.toMatchObject({ message: expect.stringMatching(/'abort': 0 before, 1 now/) });
  signal.removeEventListener('abort', listener);
  await check();
});

test('blocking calls that are interrupted leave no listener', async () => {
  const emitter = new EventEmitter();
  await assertNoLeaks(
    () =>
      run(() =>
        expect(() => once(emitter, 'never', { timeout: 5 })).toThrow(
          expect.objectContaining({ code: 'ERR_VERDANT_TIMEOUT' }),
        ),
      ),
    { emitters: [emitter] },
  );
});

test('a waiter for a descriptor is found', async () => {
  const check = trackLeaks({ patience });
  const [a, b] = await run(() => socketPair());
  const thread = spawn(() => waitReadable(a.fd));
  await expect(check()).rejects.toMatchObject({ message: expect.stringMatching(/waiters for file descriptors/) });
  thread.kill();
  await run(() => {
    a.close();
    b.close();
  });
  await check();
});

const onLinux = platform() === 'linux' ? test : test.skip;

onLinux('an open file is found', async () => {
  let fd = -1;
  expect(
    await leakOf(() => {
      fd = openSync(__filename, 'r');
    }),
  ).toMatch(/open files '.*leaks\.test\.ts': 0 before, 1 now/);
  closeSync(fd);
});

test('it works with any test runner, for example with that of Node', async () => {
  await expectOk(__dirname, 'node_test.mjs');
});

test('wrong arguments are refused', async () => {
  await expect(assertNoLeaks(5 as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  expect(() => trackLeaks({ patience: -1 })).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
});
