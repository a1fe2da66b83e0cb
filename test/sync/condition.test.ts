// Condition: waiting gives the lock back, and whoever leaves it has the lock; notifications go to who waits longest.
import { Condition, GreenExit, joinAll, Lock, RLock, run, sleep, spawn, Timeout } from 'verdant';
import { getHub } from 'verdant/hub';
import { code, thrown } from '../core/thrown';
import { useVirtualClock } from '../support/virtual_clock';

useVirtualClock();

describe.each([
  ['a Lock', () => new Lock()],
  ['an RLock', () => new RLock()],
])('a Condition with %s', (_name, makeLock) => {
  test('gives the lock back while it waits, and has it when it goes on', async () => {
    const condition = new Condition(makeLock());
    const order: string[] = [];
    await run(() => {
      const waiter = spawn(() => {
        using _ = condition.hold();
        condition.wait();
        order.push(`woken, locked: ${condition.locked()}`);
      });
      sleep(0);
      condition.acquire();
      condition.notify();
      sleep(1);
      order.push('the notifier releases');
      condition.release();
      waiter.join();
    });
    expect(order).toEqual(['the notifier releases', 'woken, locked: true']);
    expect(condition.statistics()).toEqual({ waiting: 0, locked: false });
  });

  test('notifies as many as it is told, those first who wait longest', async () => {
    const condition = new Condition(makeLock());
    const woken: number[] = [];
    await run(() => {
      const waiters = [0, 1, 2, 3, 4].map((number) =>
        spawn(() => {
          using _ = condition.hold();
          condition.wait();
          woken.push(number);
        }),
      );
      sleep(0);
      const seen: number[][] = [];
      for (const notify of [() => condition.notify(0), () => condition.notify(), () => condition.notify(2)]) {
        {
          using _ = condition.hold();
          notify();
        }
        sleep(1);
        seen.push([...woken]);
      }
      expect(seen).toEqual([[], [0], [0, 1, 2]]);
      {
        using _ = condition.hold();
        condition.notifyAll();
      }
      joinAll(waiters);
    });
    expect(woken).toEqual([0, 1, 2, 3, 4]);
  });

  test.each([
    ['its timeout', 'ERR_VERDANT_TIMEOUT'],
    ['an abort', 'ERR_ABORTED'],
    ['a kill', 'ERR_VERDANT_KILLED'],
  ])('has the lock when %s ends the wait, however long that takes', async (how, expected) => {
    const condition = new Condition(makeLock());
    const controller = new AbortController();
    await run(() => {
      const seen: unknown[] = [];
      const waiter = spawn(() => {
        using _ = condition.hold();
        try {
          const timeout = how === 'its timeout' ? 1 : undefined;
          condition.wait({ timeout, signal: controller.signal });
        } catch (error) {
          seen.push((error as { code: string }).code, condition.locked(), getHub().time() - begin);
        }
      });
      const begin = getHub().time();
      sleep(0);
      using _ = condition.hold();
      if (how === 'a kill') waiter.kill(new GreenExit());
      if (how === 'an abort') controller.abort({ code: 'ERR_ABORTED' });
      sleep(5);
      expect([seen, waiter.state]).toEqual([[], 'suspended']);
      condition.release();
      waiter.join();
      condition.acquire();
      expect(seen).toEqual([expected, true, 5]);
    });
  });

  test('does not lose the notification with a killed waiter: who was notified returns, who was not leaves the line', async () => {
    const condition = new Condition(makeLock());
    await run(() => {
      const returned: string[] = [];
      const waiter = (name: string) =>
        spawn(() => {
          using _ = condition.hold();
          condition.wait();
          returned.push(name);
          sleep(0);
          returned.push(`${name} has survived`);
        });
      const [notified, gone, last] = [waiter('notified'), waiter('gone'), waiter('last')];
      sleep(0);
      condition.acquire();
      gone.kill();
      condition.notify();
      notified.kill();
      condition.notify();
      condition.release();
      joinAll([notified, gone, last]);
      expect(returned).toEqual(['notified', 'last', 'last has survived']);
      expect([notified.state, gone.state]).toEqual(['killed', 'killed']);
    });
  });

  test.each([true, false])(
    'keeps what comes while it waits for its lock for the next suspension; taken back before: %p',
    async (takenBack) => {
      const condition = new Condition(makeLock());
      await run(() => {
        const waiter = spawn(() => {
          const timeout = new Timeout(2);
          using _ = condition.hold();
          condition.wait();
          if (takenBack) timeout.cancel();
          try {
            sleep(1);
            return 'undisturbed';
          } catch (error) {
            return error === timeout;
          }
        });
        sleep(0);
        condition.acquire();
        condition.notify();
        sleep(3); // the time is up before the lock is free
        condition.release();
        expect(waiter.wait()).toBe(takenBack ? 'undisturbed' : true);
      });
    },
  );

  test('cannot be waited for or notified without the lock', async () => {
    const condition = new Condition(makeLock());
    await run(() => {
      for (const call of [
        () => condition.wait(),
        () => condition.waitFor(() => true),
        () => condition.notify(),
        () => condition.notifyAll(),
      ]) {
        expect(thrown(call)).toEqual(code('ERR_VERDANT_NOT_LOCKED'));
      }
    });
  });

  test('waits for a predicate, which is asked with the lock held, and gives what it says', async () => {
    const condition = new Condition(makeLock());
    const items: string[] = [];
    await run(() => {
      const asked: boolean[] = [];
      const consumer = spawn(() => {
        using _ = condition.hold();
        return condition.waitFor(() => (asked.push(condition.locked()), items[1]));
      });
      for (const item of ['a', 'b']) {
        sleep(1);
        using _ = condition.hold();
        items.push(item);
        condition.notifyAll();
      }
      expect(consumer.wait()).toBe('b');
      expect(asked).toEqual([true, true, true]);
    });
  });

  test('does not wait again for a predicate when the lock has come too late', async () => {
    const condition = new Condition(makeLock());
    await run(() => {
      const begin = getHub().time();
      const waiter = spawn(() => {
        using _ = condition.hold();
        const error = thrown(() => condition.waitFor(() => false, { timeout: 2 }));
        return [error, getHub().time() - begin];
      });
      sleep(0);
      condition.acquire();
      condition.notify();
      sleep(5);
      condition.release();
      expect(waiter.wait()).toEqual([code('ERR_VERDANT_TIMEOUT'), 5]);
    });
  });

  test('gives a predicate the time it was given in all', async () => {
    const condition = new Condition(makeLock());
    await run(() => {
      const begin = getHub().time();
      const consumer = spawn(() => {
        using _ = condition.hold();
        return thrown(() => condition.waitFor(() => false, { timeout: 10 }));
      });
      for (let round = 0; round < 3; round += 1) {
        sleep(3);
        using _ = condition.hold();
        condition.notifyAll();
      }
      const error = consumer.wait() as Error;
      expect(error).toEqual(code('ERR_VERDANT_TIMEOUT'));
      expect(error.message).toBe('Condition.waitFor() timed out after 10 ms');
      expect(getHub().time() - begin).toBe(10);
    });
  });
});

test('a Condition with an RLock gives all its levels back, and has them again', async () => {
  const lock = new RLock();
  const condition = new Condition(lock);
  await run(() => {
    const waiter = spawn(() => {
      using _outer = lock.hold();
      using _inner = lock.hold();
      condition.wait();
      return lock.statistics().depth;
    });
    sleep(0);
    expect(lock.locked()).toBe(false);
    using _ = condition.hold();
    condition.notify();
    condition.release();
    expect(waiter.wait()).toBe(2);
    condition.acquire();
  });
});

test('a Condition with a Lock can be notified by plain code', async () => {
  const condition = new Condition();
  await run(() => {
    setImmediate(() => {
      expect(condition.acquire({ blocking: false })).toBe(true);
      condition.notify();
      condition.release();
    });
    using _ = condition.hold();
    condition.wait();
  });
  expect(condition.locked()).toBe(false);
});

test('a Condition refuses what is no lock, a count that is none, and a predicate that is no function', async () => {
  expect(thrown(() => new Condition({} as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  expect(thrown(() => new Condition(null as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  const condition = new Condition();
  await run(() => {
    using _ = condition.hold();
    expect(thrown(() => condition.notify(-1))).toEqual(code('ERR_OUT_OF_RANGE'));
    expect(thrown(() => condition.waitFor(1 as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
    expect(thrown(() => condition.wait({ timeout: -1 }))).toEqual(code('ERR_OUT_OF_RANGE'));
    expect(condition.locked()).toBe(true);
  });
});
