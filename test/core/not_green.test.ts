// Every blocking call, made outside of a green thread, throws ERR_VERDANT_NOT_GREEN that names the call; nothing happens.
import { EventEmitter } from 'node:events';
import { iwait, iterate, joinAll, killAll, once, sleep, spawn, Timeout, wait, withTimeout } from 'verdant';
import { getHub } from 'verdant/hub';
import { thrown } from './thrown';

const thread = (): ReturnType<typeof spawn> => spawn(() => undefined);
async function* source(): AsyncGenerator<number> {
  yield 1;
}

const calls: [string, () => unknown, string][] = [
  ['sleep()', () => sleep(0), 'sleep()'],
  ['sleep(ms)', () => sleep(10), 'sleep()'],
  ['thread.wait()', () => thread().wait(), 'GreenThread.wait()'],
  ['thread.join()', () => thread().join(), 'GreenThread.join()'],
  ['wait(promise)', () => wait(Promise.resolve()), 'wait()'],
  ['wait(value)', () => wait(5), 'wait()'],
  ['wait(thread)', () => wait(thread()), 'wait()'],
  ['joinAll', () => joinAll([thread()]), '()'],
  ['iwait', () => [...iwait([thread()])], 'iwait()'],
  ['killAll with wait', () => killAll([thread()], { wait: true }), 'killAll('],
  ['once', () => once(new EventEmitter(), 'event'), 'once()'],
  ['iterate', () => [...iterate(source())], 'iterate()'],
  ['new Timeout', () => new Timeout(10), 'new Timeout()'],
  ['withTimeout', () => withTimeout(10, () => 1), 'imeout('],
];

describe.each(calls)('%s', (_what, call, named) => {
  const expectRefusal = (error: unknown): void => {
    expect(error).toMatchObject({ name: 'NotGreenError', code: 'ERR_VERDANT_NOT_GREEN' });
    expect((error as Error).message).toContain(named);
    expect(getHub().stats().timers).toBe(0);
  };

  test('in plain code', () => {
    expectRefusal(thrown(call));
  });

  test('in a microtask', async () => {
    expectRefusal(await Promise.resolve().then(() => thrown(call)));
  });

  test('in an async function after its await', async () => {
    await Promise.resolve();
    expectRefusal(thrown(call));
  });
});

test('in a link, which runs on the stack of the hub', async () => {
  const caught = await new Promise((resolve) => {
    thread().link(() => resolve(thrown(() => sleep(1))));
  });
  expect(caught).toMatchObject({ code: 'ERR_VERDANT_NOT_GREEN' });
});
