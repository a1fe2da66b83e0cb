// useVirtualClock and autoAdvance: verdant's timers go by a clock that only the test and idleness move.
import { readFile } from 'node:fs/promises';
import { run, sleep, spawn, Timeout, wait, withTimeout } from 'verdant';
import { getHub } from 'verdant/hub';
import { autoAdvance, useVirtualClock, type VirtualClock } from 'verdant/testing';
import { nodeMajor } from '../support/children';

let clock: VirtualClock;

describe('with automatic jumps,', () => {
  beforeEach(() => {
    clock = useVirtualClock();
  });
  afterEach(() => clock.restore());

  test('a long sleep is over at once, and the clock shows exactly its end', async () => {
    const start = performance.now();
    await run(() => sleep(86_400_000));
    expect(clock.now).toBe(86_400_000);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  test('sleepers wake in the order of their deadlines, at their deadlines', async () => {
    const woken: [number, number][] = [];
    await run(() => {
      const threads = [300, 100, 200, 100].map((ms, index) =>
        spawn(() => {
          sleep(ms);
          woken.push([index, clock.now]);
        }),
      );
      for (const thread of threads) thread.wait();
    });
    expect(woken).toEqual([
      [1, 100],
      [3, 100],
      [2, 200],
      [0, 300],
    ]);
  });

  test('timeouts go by it', async () => {
    await run(() => {
      expect(withTimeout(1000, () => sleep(5000), { value: 'late' })).toBe('late');
      expect(clock.now).toBe(1000);
      const timeout = new Timeout(5000);
      sleep(4999);
      expect(timeout.pending).toBe(true);
      timeout.cancel();
    });
  });

  test('a jump waits for promise reactions, however many', async () => {
    await run(() => {
      const sleeper = spawn(() => sleep(10));
      const many = async (): Promise<number> => {
        for (let index = 0; index < 1000; index += 1) await Promise.resolve();
        return clock.now;
      };
      expect(wait(many())).toBe(0);
      sleeper.wait();
    });
  });

  // Node 26 no longer tells of files.
  const ifFilesAreSeen = nodeMajor < 26 ? test : test.skip;

  ifFilesAreSeen('a jump waits for a file that is being read', async () => {
    await run(() => {
      const sleeper = spawn(() => sleep(10));
      const when = wait(readFile(__filename).then(() => clock.now));
      expect(when).toBe(0);
      sleeper.wait();
    });
  });

  test('autoAdvance(false) holds it until it is switched on again', async () => {
    autoAdvance(false);
    expect(clock.autoAdvance).toBe(false);
    const sleeper = spawn(() => sleep(10));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([sleeper.dead, clock.now]).toEqual([false, 0]);
    autoAdvance();
    await sleeper;
    expect(clock.now).toBe(10);
  });
});

describe('moved by hand,', () => {
  beforeEach(() => {
    clock = useVirtualClock({ autoAdvance: false });
  });
  afterEach(() => clock.restore());

  test('advance fires what is due up to there, and nothing later', async () => {
    const fired: string[] = [];
    const threads = [50, 100, 101].map((ms) =>
      spawn(() => {
        sleep(ms);
        fired.push(`${ms} at ${clock.now}`);
      }),
    );
    await clock.advance(100);
    expect(fired).toEqual(['50 at 50', '100 at 100']);
    expect(clock.now).toBe(100);
    await clock.advance(1);
    expect(fired).toHaveLength(3);
    await Promise.all(threads);
  });

  test('advance meets the deadlines that come about on its way', async () => {
    const thread = spawn(() => {
      for (let index = 0; index < 5; index += 1) sleep(10);
      return clock.now;
    });
    await clock.advance(60);
    expect(thread.value).toBe(50);
    expect(clock.now).toBe(60);
  });

  test('advance may be waited for on a green thread', async () => {
    await run(() => {
      const thread = spawn(() => sleep(30));
      sleep(0);
      wait(clock.advance(30));
      expect(thread.dead).toBe(true);
    });
  });

  test('advance refuses what is no time', async () => {
    await expect(clock.advance(-1)).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
  });
});

test('with `quiet` a jump waits for a file that is being read, on every Node', async () => {
  clock = useVirtualClock({ quiet: 100 });
  await run(() => {
    const sleeper = spawn(() => sleep(10));
    expect(wait(readFile(__filename).then(() => clock.now))).toBe(0);
    sleeper.wait();
  });
  clock.restore();
});

test('with `quiet` a jump waits until nothing has run for that long', async () => {
  clock = useVirtualClock({ quiet: 40 });
  const sleeper = spawn(() => sleep(10));
  // The clock cannot see this, as it would not see a worker thread.
  const unseen = new Promise<number>((resolve) => setTimeout(() => resolve(clock.now), 5));
  expect(await unseen).toBe(0);
  await sleeper;
  clock.restore();
});

test('it is refused while green threads are alive', async () => {
  await run(() => {
    expect(() => useVirtualClock()).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_HUB' }));
  });
});

test('restore brings real time back, and may come twice', async () => {
  clock = useVirtualClock();
  clock.restore();
  clock.restore();
  expect(getHub().name).toBe('node');
  expect(() => autoAdvance()).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_HUB' }));
  const start = performance.now();
  await run(() => sleep(20));
  expect(performance.now() - start).toBeGreaterThan(18);
});
