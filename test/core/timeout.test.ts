// Timeout, withTimeout, isTimeout: each is an error of its own, met at a suspension, and leaves nothing when it is over.
import { run, sleep, spawn, Timeout, TimeoutError, isTimeout, withTimeout } from 'verdant';
import { getHub } from 'verdant/hub';
import { useVirtualClock } from '../support/virtual_clock';
import { code, thrown } from './thrown';

useVirtualClock();

afterEach(() => {
  expect(getHub().stats().timers).toBe(0);
});

describe('Timeout', () => {
  test('throws itself into the sleep of the green thread that made it', async () => {
    await run(() => {
      const start = getHub().time();
      const timeout = new Timeout(10);
      expect(timeout.pending).toBe(true);
      expect(thrown(() => sleep(1000))).toBe(timeout);
      expect(timeout.pending).toBe(false);
      expect(getHub().time() - start).toBe(10);
    });
  });

  test('is a TimeoutError with name, code, ms and the isTimeout mark', async () => {
    await run(() => {
      using timeout = new Timeout(10);
      expect(timeout).toBeInstanceOf(TimeoutError);
      expect(timeout).toBeInstanceOf(Error);
      expect([timeout.name, timeout.code, timeout.ms, timeout.isTimeout]).toEqual([
        'Timeout',
        'ERR_VERDANT_TIMEOUT',
        10,
        true,
      ]);
      expect(timeout.message).toContain('10 ms');
    });
  });

  test('throws the given error in place of itself', async () => {
    await run(() => {
      const error = new Error('mine');
      using _timeout = new Timeout(1, error);
      expect(thrown(() => sleep(5))).toBe(error);
    });
  });

  test.each([null, undefined, true as const])('throws itself when its error is %p', async (error) => {
    await run(() => {
      const timeout = new Timeout(1, error);
      expect(thrown(() => sleep(5))).toBe(timeout);
    });
  });

  test('throws a new instance of the given class', async () => {
    class Late extends Error {}
    await run(() => {
      using _timeout = new Timeout(1, Late);
      expect(thrown(() => sleep(5))).toBeInstanceOf(Late);
    });
  });

  test('throws once: the next suspension is undisturbed', async () => {
    await run(() => {
      using timeout = new Timeout(1);
      expect(thrown(() => sleep(5))).toBe(timeout);
      sleep(5);
    });
  });

  test('cancelled in time it never fires, and holds no timer', async () => {
    await run(() => {
      const timeout = new Timeout(5);
      timeout.cancel();
      expect(timeout.pending).toBe(false);
      expect(getHub().stats().timers).toBe(0);
      sleep(10);
      timeout.cancel();
    });
  });

  test('cancelled from inside of its own scope it never fires', async () => {
    expect(
      await run(() => {
        const timeout = new Timeout(5);
        return timeout.run(() => {
          timeout.cancel();
          sleep(10);
          return 'done';
        });
      }),
    ).toBe('done');
  });

  test.each([null, undefined, Infinity])('of %p ms never fires', async (ms) => {
    await run(() => {
      using timeout = new Timeout(ms);
      expect(timeout.pending).toBe(false);
      sleep(1e6);
    });
  });

  test('of 0 ms fires at the next suspension, not before', async () => {
    await run(() => {
      const seen: string[] = [];
      using timeout = new Timeout(0);
      seen.push('computing');
      expect(thrown(() => sleep(1))).toBe(timeout);
      expect(seen).toEqual(['computing']);
    });
  });

  test('nested: the inner one fires first, the outer one stays pending', async () => {
    await run(() => {
      const outer = new Timeout(100);
      const inner = new Timeout(10);
      expect(thrown(() => sleep(1000))).toBe(inner);
      expect([outer.pending, inner.pending]).toEqual([true, false]);
      expect(thrown(() => sleep(1000))).toBe(outer);
    });
  });

  test('nested: the outer one fires inside the scope of the inner one, and is nobody else', async () => {
    await run(() => {
      const outer = new Timeout(10);
      const inner = new Timeout(100);
      const caught = thrown(() => inner.run(() => sleep(1000)));
      expect(caught).toBe(outer);
      expect(caught).not.toBe(inner);
      expect(inner.pending).toBe(false);
    });
  });

  test('two that are up at the same time are met one after the other, in the order they were made', async () => {
    await run(() => {
      const first = new Timeout(5);
      const second = new Timeout(5);
      expect(thrown(() => sleep(100))).toBe(first);
      expect(thrown(() => sleep(100))).toBe(second);
      sleep(1);
    });
  });

  test('silent: run() swallows it, and gives undefined', async () => {
    await run(() => {
      expect(new Timeout(5, null, { silent: true }).run(() => sleep(100))).toBeUndefined();
    });
  });

  test('silent with an error of its own: run() swallows that, too', async () => {
    await run(() => {
      expect(new Timeout(5, new Error('mine'), { silent: true }).run(() => sleep(100))).toBeUndefined();
    });
  });

  test('silent: run() does not swallow another timeout, nor an error', async () => {
    await run(() => {
      const outer = new Timeout(5);
      expect(thrown(() => new Timeout(50, null, { silent: true }).run(() => sleep(100)))).toBe(outer);
      const error = new Error('mine');
      const fail = (): never => {
        throw error;
      };
      expect(thrown(() => new Timeout(50, null, { silent: true }).run(fail))).toBe(error);
    });
  });

  test('run() gives what the function returns, and cancels', async () => {
    await run(() => {
      const timeout = new Timeout(50);
      expect(timeout.run(() => (sleep(5), 'value'))).toBe('value');
      expect(timeout.pending).toBe(false);
    });
  });

  test('`using` cancels at the end of the scope', async () => {
    await run(() => {
      {
        using timeout = new Timeout(5);
        expect(timeout.pending).toBe(true);
        sleep(1);
      }
      sleep(10);
    });
  });

  test('fired, and cancelled by another one before it was met: it is met all the same, or the wait goes on', async () => {
    const timeouts: Timeout[] = [];
    const canceller = spawn(() => {
      sleep(5); // the first to run in the turn in which the timeout fires
      timeouts[0]!.cancel();
    });
    const sleeper = spawn(() => {
      const start = getHub().time();
      timeouts.push(new Timeout(5));
      try {
        sleep(50);
        return `slept ${getHub().time() - start}`;
      } catch (error) {
        return error === timeouts[0] ? 'met' : error;
      }
    });
    await canceller;
    expect(['met', 'slept 50']).toContain(await sleeper);
  });

  test('reaches only the green thread that made it', async () => {
    await run(() => {
      using timeout = new Timeout(5);
      const other = spawn(() => (sleep(10), 'undisturbed'));
      expect(thrown(() => other.wait())).toBe(timeout);
      expect(other.wait()).toBe('undisturbed');
    });
  });

  test('its thread ends before it fires: nothing happens', async () => {
    const timeout = await run(() => [new Timeout(5)]);
    await run(() => sleep(10));
    expect(timeout[0]!.pending).toBe(false);
  });

  test.each<[unknown, string]>([
    ['5', 'ERR_INVALID_ARG_TYPE'],
    [{}, 'ERR_INVALID_ARG_TYPE'],
    [-1, 'ERR_OUT_OF_RANGE'],
    [NaN, 'ERR_OUT_OF_RANGE'],
  ])('refuses %p ms', async (ms, expected) => {
    await run(() => {
      expect(thrown(() => new Timeout(ms as number))).toEqual(code(expected));
      expect(getHub().stats().timers).toBe(0);
    });
  });

  test.each<[unknown]>([['text'], [5], [false]])('refuses %p as its error', async (reason) => {
    await run(() => {
      expect(thrown(() => new Timeout(5, reason as Error).cancel())).toEqual(code('ERR_INVALID_ARG_TYPE'));
    });
  });
});

describe('withTimeout', () => {
  test('gives what the function returns in time', async () => {
    expect(await run(() => withTimeout(10, () => (sleep(1), 'in time')))).toBe('in time');
  });

  test('throws a Timeout when the time is up', async () => {
    const caught = await run(() => thrown(() => withTimeout(10, () => sleep(100))));
    expect(caught).toEqual(code('ERR_VERDANT_TIMEOUT'));
    expect(caught).toBeInstanceOf(Timeout);
  });

  test('gives the value when the time is up, also undefined', async () => {
    await run(() => {
      expect(withTimeout(10, () => sleep(100), { value: 'late' })).toBe('late');
      expect(withTimeout(10, () => (sleep(100), 'in time'), { value: undefined })).toBeUndefined();
    });
  });

  test('gives the value for its own timeout only', async () => {
    await run(() => {
      const outer = new Timeout(5);
      expect(thrown(() => withTimeout(50, () => sleep(100), { value: 'mine' }))).toBe(outer);
      const other = new Timeout(null);
      const fail = (): never => {
        throw other;
      };
      expect(thrown(() => withTimeout(50, fail, { value: 'mine' }))).toBe(other);
    });
  });

  test('nested: the outer limit passes through the inner one, and gives the outer value', async () => {
    await run(() => {
      const inner = (): unknown => withTimeout(100, () => sleep(1000), { value: 'inner' });
      expect(withTimeout(10, inner, { value: 'outer' })).toBe('outer');
      expect(withTimeout(1000, inner, { value: 'outer' })).toBe('inner');
    });
  });

  test('null never ends it', async () => {
    expect(await run(() => withTimeout(null, () => (sleep(1e6), 'done')))).toBe('done');
  });

  test('passes errors of the function through as they are', async () => {
    const error = new Error('mine');
    const fail = (): never => {
      throw error;
    };
    await run(() => expect(thrown(() => withTimeout(5, fail, { value: 1 }))).toBe(error));
  });

  test('refuses what is no function, and starts no timer', async () => {
    await run(() => {
      expect(thrown(() => withTimeout(5, 'fn' as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
      expect(getHub().stats().timers).toBe(0);
    });
  });

  test('outside of green threads it throws ERR_VERDANT_NOT_GREEN', () => {
    expect(thrown(() => withTimeout(5, () => 1))).toEqual(code('ERR_VERDANT_NOT_GREEN'));
  });
});

describe('isTimeout', () => {
  test('is true for a Timeout, a TimeoutError, and whatever is marked so', async () => {
    const timeout = await run(() => thrown(() => withTimeout(1, () => sleep(5))));
    expect(isTimeout(timeout)).toBe(true);
    expect(isTimeout(new TimeoutError())).toBe(true);
    expect(isTimeout(Object.assign(new Error('of another realm'), { code: 'ERR_VERDANT_TIMEOUT' }))).toBe(true);
    expect(isTimeout({ isTimeout: true })).toBe(true);
  });

  test.each([undefined, null, 5, 'timeout', {}, new Error('timeout'), { isTimeout: false }])(
    'is false for %p',
    (value) => {
      expect(isTimeout(value)).toBe(false);
    },
  );
});
