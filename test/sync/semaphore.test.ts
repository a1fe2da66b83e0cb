// Semaphore, BoundedSemaphore, CappedSemaphore: who gets one and when, what balance says, fairness, what is refused.
import { BoundedSemaphore, CappedSemaphore, joinAll, run, Semaphore, sleep, spawn } from 'verdant';
import { getHub } from 'verdant/hub';
import { code, thrown } from '../core/thrown';
import { useVirtualClock } from '../support/virtual_clock';

useVirtualClock();

const kinds: [string, (free: number) => Semaphore | CappedSemaphore][] = [
  ['Semaphore', (free) => new Semaphore(free)],
  ['BoundedSemaphore', (free) => new BoundedSemaphore(free)],
  ['CappedSemaphore', (free) => new CappedSemaphore(free, 5)],
];

describe.each(kinds)('%s', (name, make) => {
  test('gives as many as are free, and not one more', async () => {
    const semaphore = make(2);
    await run(() => {
      expect([semaphore.locked(), semaphore.acquire(), semaphore.acquire()]).toEqual([false, true, true]);
      expect([semaphore.locked(), semaphore.acquire({ blocking: false })]).toEqual([true, false]);
    });
  });

  test('lets who acquires wait for a release', async () => {
    const semaphore = make(1);
    const order: string[] = [];
    await run(() => {
      semaphore.acquire();
      const waiter = spawn(() => {
        order.push(String(semaphore.acquire()));
      });
      sleep(1);
      order.push('release');
      semaphore.release();
      waiter.join();
    });
    expect(order).toEqual(['release', 'true']);
  });

  test('can be released by a plain callback', async () => {
    const semaphore = make(0);
    const acquired = await run(() => {
      // Asked for by the thread itself, so that it cannot come before the thread waits.
      setImmediate(() => void (semaphore as CappedSemaphore).release({ blocking: false }));
      return semaphore.acquire();
    });
    expect(acquired).toBe(true);
  });

  test('hands over what is released: who comes in between cannot take it', async () => {
    const seen = await run(() => {
      const semaphore = make(1);
      semaphore.acquire();
      const waiter = spawn(() => semaphore.acquire());
      sleep(0);
      semaphore.release();
      return [semaphore.acquire({ blocking: false }), waiter.wait()];
    });
    expect(seen).toEqual([false, true]);
  });

  test('returns false when the timeout is over, at that moment', async () => {
    const semaphore = make(0);
    await run(() => {
      const begin = getHub().time();
      expect(semaphore.acquire({ timeout: 100 })).toBe(false);
      expect(getHub().time() - begin).toBe(100);
    });
    expect(semaphore.balance).toBe(0);
  });

  test('is not acquired by who has given up: a later release is for others', async () => {
    const seen = await run(() => {
      const semaphore = make(1);
      semaphore.acquire();
      const gone = semaphore.acquire({ timeout: 1 });
      semaphore.release();
      return [gone, semaphore.balance, semaphore.acquire({ timeout: 1 })];
    });
    expect(seen).toEqual([false, 1, true]);
  });

  test('throws the reason of a signal, also when there would be nothing to wait for', async () => {
    const controller = new AbortController();
    const reason = new Error('reason');
    const { signal } = controller;
    const semaphore = make(1);
    await run(() => {
      semaphore.acquire();
      const waiter = spawn(() => thrown(() => semaphore.acquire({ signal })));
      sleep(0);
      controller.abort(reason);
      expect(waiter.wait()).toBe(reason);
      semaphore.release();
      expect(thrown(() => semaphore.acquire({ signal }))).toBe(reason);
    });
    expect(semaphore.balance).toBe(1);
  });

  test('gives what a killed thread was handed to nobody else until its scope has ended', async () => {
    const semaphore = make(1);
    const seen = await run(() => {
      semaphore.acquire();
      const inside: boolean[] = [];
      const victim = spawn(() => {
        using _ = semaphore.hold();
        inside.push(semaphore.acquire({ blocking: false }));
        sleep(1);
        inside.push(true);
      });
      sleep(0);
      semaphore.release();
      victim.kill();
      victim.join();
      return [inside, victim.state, semaphore.acquire({ timeout: 1 })];
    });
    expect(seen).toEqual([[false], 'killed', true]);
  });

  test('hands the turn of a killed waiter on', async () => {
    await run(() => {
      const semaphore = make(1);
      semaphore.acquire();
      const [victim, next] = [spawn(() => semaphore.acquire()), spawn(() => semaphore.acquire())];
      sleep(0);
      victim.kill();
      semaphore.release();
      expect(next.wait()).toBe(true);
      expect([victim.state, semaphore.balance]).toEqual(['killed', 0]);
    });
  });

  test('held by using is released at the end of the scope, also by an error, once', async () => {
    const semaphore = make(1);
    await run(() => {
      expect(
        thrown(() => {
          using _ = semaphore.hold();
          expect(semaphore.locked()).toBe(true);
          throw new Error('out');
        }),
      ).toEqual(new Error('out'));
      const held = semaphore.hold();
      held[Symbol.dispose]();
      held[Symbol.dispose]();
      expect(semaphore.balance).toBe(1);
    });
  });

  test('hold() throws when the timeout is over, and names itself', async () => {
    const error = (await run(() => thrown(() => make(0).hold({ timeout: 3 })))) as Error;
    expect(error).toEqual(code('ERR_VERDANT_TIMEOUT'));
    expect(error.message).toBe(`${name}.hold() timed out after 3 ms`);
  });

  test('is fair: two that take turns get the same share, within ten percent', async () => {
    const semaphore = make(1);
    const counts = [0, 0];
    const worker = (me: number): void => {
      for (;;) {
        using _ = semaphore.hold();
        counts[me]! += 1;
        sleep(1);
      }
    };
    await run(() => {
      const workers = [0, 1].map((me) => spawn(worker, me));
      sleep(400);
      for (const each of workers) each.kill();
      joinAll(workers);
    });
    expect(Math.min(...counts)).toBeGreaterThan(150);
    expect(Math.abs(counts[0]! - counts[1]!)).toBeLessThan(Math.min(...counts) / 10);
    expect(semaphore.balance).toBe(1);
  });

  test('serves a hundred in the order in which they came', async () => {
    const semaphore = make(0);
    const order: number[] = [];
    await run(() => {
      const waiters = Array.from({ length: 100 }, (_, number) =>
        spawn(() => {
          semaphore.acquire();
          order.push(number);
        }),
      );
      sleep(0);
      expect(semaphore.balance).toBe(-100);
      if (name === 'BoundedSemaphore') for (const each of waiters) each.kill();
      else for (const _ of waiters) semaphore.release();
      joinAll(waiters);
    });
    expect(order).toEqual(name === 'BoundedSemaphore' ? [] : Array.from({ length: 100 }, (_, number) => number));
    expect(semaphore.balance).toBe(0);
  });

  test('outside a green thread can be acquired without blocking only, free or not', () => {
    const semaphore = make(1);
    const error = thrown(() => semaphore.acquire()) as Error;
    expect(error).toEqual(code('ERR_VERDANT_NOT_GREEN'));
    expect(error.message).toMatch(`${name}.acquire()`);
    expect(error.message).toMatch('{ blocking: false }');
    const noWait = { blocking: false };
    expect([semaphore.acquire(noWait), semaphore.acquire(noWait), semaphore.balance]).toEqual([true, false, 0]);
  });

  test.each([
    [{ blocking: false, timeout: 1 }, 'ERR_OUT_OF_RANGE'],
    [{ timeout: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ timeout: '1' }, 'ERR_INVALID_ARG_TYPE'],
    [{ blocking: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [{ signal: {} }, 'ERR_INVALID_ARG_TYPE'],
    [5, 'ERR_INVALID_ARG_TYPE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
  ])('refuses acquire(%p)', (options, expected) => {
    const semaphore = make(1);
    expect(thrown(() => semaphore.acquire(options as never))).toEqual(code(expected));
    expect(semaphore.balance).toBe(1);
  });

  test.each([
    [-1, 'ERR_OUT_OF_RANGE'],
    [1.5, 'ERR_OUT_OF_RANGE'],
    [NaN, 'ERR_OUT_OF_RANGE'],
    ['1', 'ERR_INVALID_ARG_TYPE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
  ])('refuses to be made with %p', (value, expected) => {
    expect(thrown(() => make(value as never))).toEqual(code(expected));
  });
});

test('a Semaphore begins with one, and may be released more often than acquired', () => {
  const semaphore = new Semaphore();
  semaphore.release();
  expect([semaphore.balance, semaphore.bounded(), semaphore.statistics()]).toEqual([2, false, { free: 2, waiting: 0 }]);
});

test('a BoundedSemaphore that is released too often says so, and is unchanged', () => {
  const semaphore = new BoundedSemaphore();
  expect(thrown(() => semaphore.release())).toEqual(code('ERR_VERDANT_OVER_RELEASE'));
  semaphore.acquire({ blocking: false });
  semaphore.release();
  expect(thrown(() => semaphore.release())).toEqual(code('ERR_VERDANT_OVER_RELEASE'));
  expect(semaphore.balance).toBe(1);
});

describe('a CappedSemaphore', () => {
  test('has a balance from -3, with three that acquire, to +3, full', async () => {
    await run(() => {
      const semaphore = new CappedSemaphore(0, 3);
      const acquirers = [1, 2, 3].map(() => spawn(() => semaphore.acquire()));
      const seen = [semaphore.balance];
      sleep(0);
      seen.push(semaphore.balance);
      for (let n = 0; n < 6; n += 1) {
        expect(semaphore.release()).toBe(true);
        seen.push(semaphore.balance);
      }
      joinAll(acquirers);
      expect(seen).toEqual([0, -3, -2, -1, 0, 1, 2, 3]);
      expect([semaphore.locked(), semaphore.bounded()]).toEqual([false, true]);
    });
  });

  test('lets who releases wait for room, oldest first', async () => {
    await run(() => {
      const semaphore = new CappedSemaphore(1, 1);
      const order: string[] = [];
      const releasers = ['a', 'b'].map((name) => spawn(() => order.push(`${name} ${semaphore.release()}`)));
      sleep(0);
      expect([semaphore.balance, semaphore.statistics()]).toEqual([3, { free: 1, acquiring: 0, releasing: 2 }]);
      for (let n = 0; n < 3; n += 1) expect(semaphore.acquire({ blocking: false })).toBe(true);
      joinAll(releasers);
      expect(order).toEqual(['a true', 'b true']);
      expect([semaphore.balance, semaphore.locked()]).toEqual([0, true]);
    });
  });

  test('of limit 0 lets each acquire meet a release, whoever comes first', async () => {
    await run(() => {
      const semaphore = new CappedSemaphore(0, 0);
      const acquirer = spawn(() => semaphore.acquire());
      expect([semaphore.release(), acquirer.wait()]).toEqual([true, true]);
      const releaser = spawn(() => semaphore.release());
      expect([semaphore.acquire(), releaser.wait(), semaphore.balance]).toEqual([true, true, 0]);
    });
  });

  test('gives nothing back when a release times out, or must not wait', async () => {
    await run(() => {
      const semaphore = new CappedSemaphore(1, 1);
      expect([semaphore.release({ timeout: 1 }), semaphore.release({ blocking: false })]).toEqual([false, false]);
      expect([semaphore.acquire(), semaphore.acquire({ blocking: false })]).toEqual([true, false]);
    });
  });

  test('outside a green thread can be released without blocking only', () => {
    const semaphore = new CappedSemaphore(0, 1);
    expect(thrown(() => semaphore.release())).toEqual(code('ERR_VERDANT_NOT_GREEN'));
    const noWait = { blocking: false };
    expect([semaphore.release(noWait), semaphore.release(noWait), semaphore.balance]).toEqual([true, false, 1]);
  });

  test('cannot have more free than its limit', () => {
    expect(thrown(() => new CappedSemaphore(2, 1))).toEqual(code('ERR_OUT_OF_RANGE'));
    expect(thrown(() => new CappedSemaphore(1, undefined as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  });
});
