// joinAll, iwait and killAll: many green threads at once.
import { getCurrent, type GreenThread, iwait, joinAll, killAll, run, sleep, spawn } from 'verdant';
import { getHub } from 'verdant/hub';
import { useVirtualClock } from '../support/virtual_clock';
import { code, thrown } from './thrown';

useVirtualClock();

const after = (ms: number): GreenThread<number> => spawn(() => (sleep(ms), ms));
const failAfter = (ms: number, error: Error): GreenThread<number> =>
  spawn(() => {
    sleep(ms);
    throw error;
  });
const values = (threads: GreenThread[]): unknown[] => threads.map((thread) => thread.value);
const finish = (threads: Iterable<GreenThread>): void => killAll(threads, { wait: true });

describe('joinAll', () => {
  test('gives the green threads in the order in which they ended', async () => {
    expect(values(await run(() => joinAll([after(30), after(10), after(20)])))).toEqual([10, 20, 30]);
  });

  test('those that have ended already come first, in the order of the list', async () => {
    const [first, second] = [after(2), after(1)];
    await Promise.all([first, second]);
    expect(values(await run(() => joinAll([after(5), first, second])))).toEqual([2, 1, 5]);
  });

  test('takes any iterable, counts one green thread once, and gives nothing for nothing', async () => {
    await run(() => {
      const thread = after(1);
      expect(joinAll(new Set([thread]))).toEqual([thread]);
      expect(joinAll([thread, thread])).toEqual([thread]);
      expect(joinAll([])).toEqual([]);
    });
  });

  test('does not throw what ended them', async () => {
    const error = new Error('broken');
    const [thread] = await run(() => joinAll([failAfter(1, error)]));
    expect(thread!.error).toBe(error);
  });

  test('throwOnError throws the first error at once, and leaves the others running', async () => {
    const error = new Error('broken');
    const slow = after(100);
    const start = getHub().time();
    await run(() => {
      expect(thrown(() => joinAll([slow, failAfter(10, error)], { throwOnError: true }))).toBe(error);
    });
    expect(getHub().time() - start).toBe(10);
    expect(slow.dead).toBe(false);
    await run(() => sleep(100));
  });

  test('throwOnError throws the reason of a kill, too', async () => {
    const reason = new Error('reason');
    const victim = spawn(() => sleep(Infinity));
    await run(() => {
      sleep(0);
      victim.kill(reason);
      expect(thrown(() => joinAll([victim], { throwOnError: true }))).toBe(reason);
    });
  });

  test('count stops after so many', async () => {
    await run(() => {
      const threads = [after(30), after(10), after(20)];
      expect(values(joinAll(threads, { count: 2 }))).toEqual([10, 20]);
      expect(joinAll(threads, { count: 0 })).toEqual([]);
      expect(joinAll(threads)).toHaveLength(3);
    });
  });

  test('timeout gives those that have ended by then', async () => {
    await run(() => {
      const threads = [after(30), after(10), after(50)];
      expect(values(joinAll(threads, { timeout: 40 }))).toEqual([10, 30]);
      expect(values(joinAll(threads, { timeout: 0 })).sort()).toEqual([10, 30]);
      finish(threads);
    });
    expect(getHub().stats().timers).toBe(0);
  });

  test('a joiner that is killed leaves the green threads alone', async () => {
    const threads = [after(10), after(20)];
    const joiner = spawn(() => joinAll(threads));
    await run(() => sleep(1));
    joiner.kill();
    await run(() => joiner.join());
    expect(await Promise.all(threads)).toEqual([10, 20]);
  });
});

describe('iwait', () => {
  test('gives each as it ends, with other work in between', async () => {
    const start = getHub().time();
    const seen: unknown[] = [];
    await run(() => {
      for (const thread of iwait([after(30), after(10)])) {
        seen.push([thread.value, getHub().time() - start]);
        sleep(5);
      }
    });
    expect(seen).toEqual([
      [10, 10],
      [30, 30],
    ]);
  });

  test('those that end while the loop is busy are given later, none is lost', async () => {
    const seen: unknown[] = [];
    await run(() => {
      for (const thread of iwait([after(3), after(1), after(2)])) {
        seen.push(thread.value);
        sleep(100);
      }
    });
    expect(seen).toEqual([1, 2, 3]);
  });

  test('leaving the loop early lets go of the rest', async () => {
    const failing = failAfter(10, new Error('nobody listens any more'));
    const seen: unknown[] = [];
    const unhandled = jest.fn();
    await run(() => {
      for (const thread of iwait([after(1), failing])) {
        seen.push(thread.value);
        break;
      }
    });
    expect(seen).toEqual([1]);
    await failing.catch(unhandled);
    expect(unhandled).toHaveBeenCalledTimes(1);
  });

  test('the timeout is for the whole iteration', async () => {
    await run(() => {
      const threads = [after(10), after(20), after(30)];
      expect(values([...iwait(threads, { timeout: 25 })])).toEqual([10, 20]);
      finish(threads);
    });
  });

  test('count stops the iteration', async () => {
    await run(() => {
      const threads = [after(1), after(2), after(3)];
      expect(values([...iwait(threads, { count: 1 })])).toEqual([1]);
      finish(threads);
    });
  });
});

describe('killAll', () => {
  test('kills all with one reason, and the caller goes on', async () => {
    const threads = [after(10), after(20)];
    await run(() => {
      sleep(0);
      killAll(threads);
      expect(threads.map((thread) => thread.dead)).toEqual([false, false]);
    });
    const outcomes = await Promise.allSettled(threads);
    expect(outcomes[0]).toEqual(outcomes[1]);
    expect(outcomes[0]).toEqual({ status: 'rejected', reason: code('ERR_VERDANT_KILLED') });
  });

  test('wait: true waits until their finally blocks have run', async () => {
    const seen: string[] = [];
    const reason = new Error('reason');
    const thread = spawn(() => {
      try {
        sleep(Infinity);
      } finally {
        sleep(10);
        seen.push('cleaned up');
      }
    });
    await run(() => {
      sleep(0);
      killAll([thread], { reason, wait: true });
      seen.push('killAll returned');
    });
    expect(seen).toEqual(['cleaned up', 'killAll returned']);
    expect(thread.error).toBe(reason);
  });

  test('wait with a timeout throws ERR_VERDANT_TIMEOUT when one does not end', async () => {
    const stubborn = spawn(() => {
      thrown(() => sleep(Infinity));
      sleep(100);
    });
    await run(() => {
      sleep(0);
      expect(thrown(() => killAll([stubborn], { reason: new Error('go'), wait: true, timeout: 10 }))).toEqual(
        code('ERR_VERDANT_TIMEOUT'),
      );
    });
    await stubborn;
  });

  test('from plain code, without wait', async () => {
    const threads = [after(10), after(20)];
    killAll(threads);
    await run(() => joinAll(threads));
    expect(threads.map((thread) => [thread.state, thread.started])).toEqual([
      ['killed', false],
      ['killed', false],
    ]);
  });

  test('with the caller among them: it comes last', async () => {
    const other = after(10);
    const seen: string[] = [];
    const thread = spawn(() => {
      try {
        killAll([getCurrent()!, other], { wait: true });
      } finally {
        seen.push(other.state);
      }
    });
    await run(() => thread.join());
    expect(seen).toEqual(['killed']);
    expect(thread.state).toBe('killed');
  });

  test('with the caller among them and no wait: the others are killed all the same', async () => {
    const others = [after(10), after(20)];
    const thread = spawn(() => killAll([others[0]!, getCurrent()!, others[1]!]));
    await run(() => joinAll([thread, ...others]));
    expect([thread, ...others].map(({ state }) => state)).toEqual(['killed', 'killed', 'killed']);
  });
});

test.each<[string, unknown[], string]>([
  ['no list', [5], 'ERR_INVALID_ARG_TYPE'],
  ['nothing', [], 'ERR_INVALID_ARG_TYPE'],
  ['a list of something else', [[{}]], 'ERR_INVALID_ARG_TYPE'],
  ['a timeout that is no number', [[], { timeout: '1' }], 'ERR_INVALID_ARG_TYPE'],
  ['a negative timeout', [[], { timeout: -1 }], 'ERR_OUT_OF_RANGE'],
])('joinAll, iwait and killAll refuse %s', async (_what, args, expected) => {
  type Anything = (...given: unknown[]) => unknown;
  await run(() => {
    expect(thrown(() => (joinAll as Anything)(...args))).toEqual(code(expected));
    expect(thrown(() => [...((iwait as Anything)(...args) as Iterable<unknown>)])).toEqual(code(expected));
    expect(thrown(() => (killAll as Anything)(...args))).toEqual(code(expected));
  });
});

test.each<[unknown, string]>([
  ['1', 'ERR_INVALID_ARG_TYPE'],
  [-1, 'ERR_OUT_OF_RANGE'],
  [1.5, 'ERR_OUT_OF_RANGE'],
  [NaN, 'ERR_OUT_OF_RANGE'],
])('joinAll and iwait refuse %p as a count', async (count, expected) => {
  await run(() => {
    expect(thrown(() => joinAll([], { count: count as number }))).toEqual(code(expected));
    expect(thrown(() => [...iwait([], { count: count as number })])).toEqual(code(expected));
  });
});
