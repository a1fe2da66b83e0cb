// hub.destroy(): kills, runs finally blocks, releases everything; the next getHub() is a new hub.
import { type GreenThread, run, sleep, spawn } from 'verdant';
import { getHub } from 'verdant/hub';
import { code, thrown } from '../core/thrown';
import { expectOk } from '../support/children';
import { childOn, describeEveryHub } from '../support/every_hub';

describeEveryHub((name) => {
  const listeners = (): number => process.listenerCount('beforeExit') + process.listenerCount('exit');

  test('suspended green threads are killed and their finally blocks have run when it returns', async () => {
    const seen: string[] = [];
    const threads = ['a', 'b'].map((name) =>
      spawn(() => {
        try {
          sleep(1e6);
        } finally {
          seen.push(name);
        }
      }),
    );
    await run(() => sleep(0));
    getHub().destroy();
    expect(seen.sort()).toEqual(['a', 'b']);
    for (const thread of threads) {
      expect(thread.state).toBe('killed');
      expect(thread.error).toEqual(code('ERR_VERDANT_KILLED'));
    }
  });

  test('those that swallow the kill are killed again, until they end', async () => {
    let rounds = 0;
    const thread = spawn(() => {
      while (rounds < 10) {
        rounds += 1;
        thrown(() => sleep(1e6));
      }
    });
    await run(() => sleep(0));
    getHub().destroy();
    expect(rounds).toBe(10);
    expect(thread.dead).toBe(true);
  });

  test('green threads that have not started never run', async () => {
    const fn = jest.fn();
    const thread = spawn(fn);
    getHub().destroy();
    expect(fn).not.toHaveBeenCalled();
    expect(thread.state).toBe('killed');
  });

  test('green threads that would start later never run, and are told so', async () => {
    const { spawnAfter } = await import('verdant');
    const fn = jest.fn();
    const thread = spawnAfter(1e6, fn);
    getHub().destroy();
    expect(fn).not.toHaveBeenCalled();
    expect(thread.state).toBe('killed');
  });

  test('timers and listeners of the process are given back', async () => {
    getHub();
    const before = listeners();
    const old = getHub();
    const call = jest.fn();
    old.scheduleCallGlobal(1, call);
    old.destroy();
    expect(listeners()).toBe(before - 2);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(call).not.toHaveBeenCalled();
    getHub();
    expect(listeners()).toBe(before);
  });

  test('emits destroy, and is destroyed once only', () => {
    const hub = getHub();
    const destroyed = jest.fn();
    hub.on('destroy', destroyed);
    hub.destroy();
    hub.destroy();
    expect(destroyed).toHaveBeenCalledTimes(1);
  });

  test('the next getHub() is a new hub, on which green threads run', async () => {
    const old = getHub();
    old.destroy();
    expect(getHub()).not.toBe(old);
    expect(await run(() => (sleep(1), 'works'))).toBe('works');
  });

  test('inside of a green thread, or in a turn, it is refused', async () => {
    await run(() => expect(thrown(() => getHub().destroy())).toEqual(code('ERR_VERDANT_HUB')));
    const inCall = await new Promise((resolve) => {
      getHub().runThreadsafe(() => resolve(thrown(() => getHub().destroy())));
    });
    expect(inCall).toEqual(code('ERR_VERDANT_HUB'));
    expect(await run(() => 'still works')).toBe('still works');
  });

  test('a green thread that awaits its own kill by destroy settles its promise', async () => {
    const thread: GreenThread<void> = spawn(() => sleep(1e6));
    const outcome = thread.then(null, (error: unknown) => error);
    await run(() => sleep(0));
    getHub().destroy();
    expect(await outcome).toEqual(code('ERR_VERDANT_KILLED'));
  });

  test('after destroy nothing keeps the process alive', async () => {
    await expectOk(__dirname, 'destroy_exits.cjs', childOn(name));
  });
});
