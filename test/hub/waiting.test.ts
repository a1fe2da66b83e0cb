// Sleeping, time limits, kills and promises, on every hub, on its own clock.
import { isTimeout, run, sleep, spawn, Timeout, wait, withTimeout } from 'verdant';
import { getHub } from 'verdant/hub';
import { code, thrown } from '../core/thrown';
import { describeEveryHub } from '../support/every_hub';

const elapsed = (fn: () => void): number => {
  const begun = performance.now();
  fn();
  return performance.now() - begun;
};

describeEveryHub(() => {
  afterEach(() => {
    expect(getHub().stats()).toMatchObject({ greenThreads: 0, listeners: 0, timers: 0, ready: 0 });
  });

  test.each([0.2, 1, 1.5, 7, 20])('sleep(%d) never ends before its time', async (ms) => {
    await run(() => {
      for (let round = 0; round < 5; round += 1) expect(elapsed(() => sleep(ms))).toBeGreaterThanOrEqual(ms);
    });
  });

  test('sleepers wake in the order of their deadlines, and first come first served when those are equal', async () => {
    const seen: string[] = [];
    const time = getHub().time();
    // On a clock that stands still while they begin, so that equal times are equal deadlines.
    const clock = jest.spyOn(getHub(), 'time').mockReturnValue(time);
    const threads = [20, 10, 15, 10, 20, 10].map((ms, index) =>
      spawn(() => {
        sleep(ms);
        seen.push(`${ms}: ${index}`);
      }),
    );
    await run(() => undefined);
    clock.mockRestore();
    await Promise.all(threads);
    expect(seen).toEqual(['10: 1', '10: 3', '10: 5', '15: 2', '20: 0', '20: 4']);
  });

  test('a sleeper for ever is killed, and a long sleeper does not hold up a short one', async () => {
    await run(() => {
      const [forEver, long] = [spawn(() => sleep(Infinity)), spawn(() => sleep(2 ** 40))];
      sleep(2);
      expect([forEver.state, long.state]).toEqual(['suspended', 'suspended']);
      for (const thread of [forEver, long]) {
        thread.kill();
        thread.join();
        expect(thread.state).toBe('killed');
      }
    });
  });

  test('an earlier timer that is set while the hub waits for a later one comes first', async () => {
    const late = spawn(() => sleep(60));
    await run(() => sleep(1));
    await new Promise((resolve) => setTimeout(resolve, 2));
    await run(() => sleep(2));
    expect(late.dead).toBe(false);
    await Promise.all([late]);
  });

  test('timeouts and Timeouts, nested, end what they are about', async () => {
    await run(() => {
      expect(thrown(() => wait(new Promise(() => undefined), { timeout: 3 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
      const outer = new Timeout(1_000);
      const error = thrown(() => withTimeout(3, () => sleep(1e6)));
      expect(isTimeout(error)).toBe(true);
      expect(error).not.toBe(outer);
      outer.cancel();
    });
  });

  test('green code waits for promises of all kinds, and async code for green threads', async () => {
    const promises = [
      Promise.resolve(1),
      new Promise((resolve) => setImmediate(resolve, 2)),
      new Promise((resolve) => setTimeout(resolve, 1, 3)),
      (async () => {
        await Promise.resolve();
        return 4;
      })(),
      run(() => (sleep(1), 5)),
    ];
    expect(await run(() => promises.map((promise) => wait(promise)))).toEqual([1, 2, 3, 4, 5]);
    const failure = new Error('rejected');
    expect(await run(() => thrown(() => wait(Promise.reject(failure))))).toBe(failure);
    expect(await Promise.race([spawn(() => sleep(1e3)), run(() => (sleep(1), 'first'))])).toBe('first');
    getHub().destroy();
  });

  test('within the budget a settled promise wakes its green thread before an immediate comes', async () => {
    getHub().switchInterval = 1_000;
    const seen: string[] = [];
    await run(() => {
      sleep(1); // a turn of its own, with its whole budget
      setImmediate(() => seen.push('immediate'));
      for (let round = 0; round < 5; round += 1) wait(Promise.resolve());
      seen.push('five promises');
    });
    getHub().switchInterval = 5;
    expect(seen[0]).toBe('five promises');
  });

  test('ticks, then reactions, then green threads that they wake, in the order in which they were woken', async () => {
    const seen: string[] = [];
    await run(() => {
      const threads = ['a', 'b'].map((name) =>
        spawn(() => {
          wait(Promise.resolve());
          seen.push(name);
        }),
      );
      process.nextTick(() => seen.push('tick'));
      void Promise.resolve().then(() => seen.push('reaction'));
      for (const thread of threads) thread.join();
    });
    expect(seen).toEqual(['tick', 'reaction', 'a', 'b']);
  });

  test('calls come at their time or after it, on the stack of the hub', async () => {
    const begun = performance.now();
    const at = await new Promise<number>((resolve) => {
      getHub().scheduleCallGlobal(8, () => resolve(performance.now() - begun));
    });
    expect(at).toBeGreaterThanOrEqual(8);
    await new Promise<void>((resolve) => getHub().runThreadsafe(resolve));
  });

  test('a hundred thousand yields, and two thousand green threads that sleep', async () => {
    let count = 0;
    await run(() => {
      for (let round = 0; round < 100_000; round += 1) sleep(0);
    });
    await Promise.all(
      Array.from({ length: 2_000 }, (_, index) =>
        spawn(() => {
          sleep(index % 10);
          count += 1;
        }),
      ),
    );
    expect(count).toBe(2_000);
  });
});
