// GreenPool: how many run at a time, who comes next, what runs inline, what waitAll waits for, and that no place is lost.
import { getCurrent, type GreenThread, GreenPool, run, sleep, spawn, Timeout, withTimeout } from 'verdant';
import { code, thrown } from '../core/thrown';
import { useVirtualClock } from '../support/virtual_clock';

useVirtualClock();

class Mine extends Error {}

const fail = (): never => {
  throw new Mine('mine');
};

test('has 1000 places by default', () => {
  expect(new GreenPool().free()).toBe(1000);
});

test.each([
  ['a string', '3', 'ERR_INVALID_ARG_TYPE'],
  ['null', null, 'ERR_INVALID_ARG_TYPE'],
  ['a negative number', -1, 'ERR_OUT_OF_RANGE'],
  ['a fraction', 1.5, 'ERR_OUT_OF_RANGE'],
  ['NaN', NaN, 'ERR_OUT_OF_RANGE'],
])('%s is no size', (_what, size, expected) => {
  expect(thrown(() => new GreenPool(size as number))).toEqual(code(expected));
  expect(thrown(() => new GreenPool(1).resize(size as number))).toEqual(code(expected));
});

test('spawn takes a function, and options before it', () => {
  const pool = new GreenPool(1);
  expect(thrown(() => pool.spawn('no' as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  expect(thrown(() => pool.spawn({ timeout: -1 }, () => {}))).toEqual(code('ERR_OUT_OF_RANGE'));
  expect(thrown(() => pool.spawn({ name: 3 as never }, () => {}))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  expect(pool.running()).toBe(0);
});

test('gives the outcome of the function', async () => {
  await run(() => {
    const pool = new GreenPool(2);
    const thread = pool.spawn({ name: 'adder' }, (a: number, b: number) => a + b, 1, 2);
    expect([thread.name, thread.wait()]).toEqual(['adder', 3]);
    expect(thrown(() => pool.spawn(fail).wait())).toBeInstanceOf(Mine);
  });
});

test('can be spawned into from plain code as long as there is a place', async () => {
  const pool = new GreenPool(1);
  const thread = pool.spawn(() => (sleep(1), 'done'));
  expect(thrown(() => pool.spawn(() => {}))).toEqual(code('ERR_VERDANT_NOT_GREEN'));
  expect(await thread).toBe('done');
  expect(pool.running()).toBe(0);
});

test.each([1, 2, 3, 10])('%i run at a time, never more', async (size) => {
  let now = 0;
  let most = 0;
  await run(() => {
    const pool = new GreenPool(size);
    for (let number = 0; number < 30; number += 1) {
      pool.spawn(() => {
        now += 1;
        most = Math.max(most, now);
        sleep(number % 3);
        now -= 1;
      });
    }
    pool.waitAll();
  });
  expect([most, now]).toEqual([size, 0]);
});

test('without a limit all run at a time', async () => {
  await run(() => {
    const pool = new GreenPool(Infinity);
    const threads = Array.from({ length: 50 }, () => pool.spawn(() => sleep(1)));
    expect([pool.running(), pool.free()]).toEqual([50, Infinity]);
    pool.waitAll();
    expect(threads.every((thread) => thread.state === 'done')).toBe(true);
  });
});

test('running, free and waiting count who runs and who waits', async () => {
  await run(() => {
    const pool = new GreenPool(1);
    const counts = (): number[] => [pool.running(), pool.free(), pool.waiting()];
    const waiter = (): void => pool.spawn(() => sleep(1)).wait();
    expect(counts()).toEqual([0, 1, 0]);
    const waiters = [1, 2, 3].map(() => spawn(waiter));
    sleep(0);
    expect(counts()).toEqual([1, 0, 2]);
    expect(pool.statistics()).toEqual({ size: 1, running: 1, free: 0, waiting: 2, waitingForAll: 0 });
    for (const thread of waiters) thread.wait();
    expect(counts()).toEqual([0, 1, 0]);
  });
});

test('places are given out first come, first served, and a newcomer cannot steal one', async () => {
  await run(() => {
    const pool = new GreenPool(1);
    const order: string[] = [];
    const job = (name: string) => () => {
      order.push(name);
      sleep(1);
    };
    pool.spawn(job('a'));
    const waiters = ['b', 'c', 'd'].map((name) => spawn(() => pool.spawn(job(name))));
    sleep(0);
    // The end of `a` hands its place to b before this thread, which is awake by then, may ask for it.
    const thief = spawn(() => (sleep(1), pool.spawn(job('thief'))));
    for (const thread of [...waiters, thief]) thread.wait();
    pool.waitAll();
    expect(order).toEqual(['a', 'b', 'c', 'd', 'thief']);
  });
});

describe('a member of a full pool that spawns', () => {
  test('runs the function inline, on its own green thread', async () => {
    await run(() => {
      const pool = new GreenPool(1);
      const log: unknown[] = [];
      const member = pool.spawn(() => {
        log.push('before');
        const inner = pool.spawn((text: string) => (log.push(text, getCurrent()), sleep(1), 'result'), 'inner');
        log.push('after', inner.state, inner.wait());
      });
      member.wait();
      expect(log).toEqual(['before', 'inner', member, 'after', 'done', 'result']);
      expect(pool.running()).toBe(0);
    });
  });

  test('finds the function’s error in the handle, not in the call', async () => {
    await run(() => {
      const pool = new GreenPool(1);
      const member = pool.spawn(() => thrown(() => pool.spawn(fail).wait()));
      expect(member.wait()).toBeInstanceOf(Mine);
    });
  });

  test('takes a free place if there is one', async () => {
    await run(() => {
      const pool = new GreenPool(2);
      const member = pool.spawn(() => pool.spawn(() => getCurrent()!.id).wait() === getCurrent()!.id);
      expect(member.wait()).toBe(false);
    });
  });

  test.each<[string, (thread: GreenThread) => void, unknown]>([
    ['kill', (thread) => thread.kill(), code('ERR_VERDANT_KILLED')],
    ['kill with a reason', (thread) => thread.kill(new Mine('killed')), new Mine('killed')],
  ])('is itself killed by a %s that comes meanwhile', async (_what, kill, error) => {
    await run(() => {
      const pool = new GreenPool(1);
      let went = 'nowhere';
      const member = pool.spawn(() => {
        pool.spawn(() => sleep(10));
        went = 'on';
      });
      sleep(1);
      kill(member);
      expect(thrown(() => member.wait())).toEqual(error);
      expect([went, pool.running()]).toEqual(['nowhere', 0]);
    });
  });

  test('gets its own Timeout that comes meanwhile; one of the function stays with the function', async () => {
    await run(() => {
      const pool = new GreenPool(1);
      const member = pool.spawn(() => {
        const outer = new Timeout(1, new Mine('outer'));
        const error = thrown(() => pool.spawn(() => sleep(10)));
        outer.cancel();
        const inner = pool.spawn(() => withTimeout(1, () => sleep(10)));
        return [error, inner.join() && inner.state];
      });
      expect(member.wait()).toEqual([new Mine('outer'), 'failed']);
    });
  });
});

describe('waitAll', () => {
  test('returns at once when nothing runs, anywhere', () => {
    expect(() => new GreenPool(1).waitAll()).not.toThrow();
  });

  test('is refused to a member, which could only wait for itself', async () => {
    await run(() => {
      const pool = new GreenPool(2);
      expect(thrown(() => pool.spawn(() => pool.waitAll()).wait())).toEqual(code('ERR_VERDANT_DEADLOCK'));
    });
  });

  test('waits for those who wait for a place, too', async () => {
    await run(() => {
      const pool = new GreenPool(1);
      let done = 0;
      const job = (): void => {
        sleep(1);
        done += 1;
      };
      for (let number = 0; number < 3; number += 1) spawn(() => pool.spawn(job));
      sleep(0);
      pool.waitAll();
      expect([done, pool.running()]).toEqual([3, 0]);
    });
  });

  test('gives up after its timeout and when its signal aborts', async () => {
    await run(() => {
      const pool = new GreenPool(1);
      const thread = pool.spawn(() => sleep(10));
      expect(thrown(() => pool.waitAll({ timeout: 1 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
      const signal = AbortSignal.abort(new Mine('aborted'));
      expect(thrown(() => pool.waitAll({ signal }))).toBe(signal.reason);
      thread.kill();
      pool.waitAll();
    });
  });
});

describe('resize', () => {
  test('to more lets those go on who wait, in order', async () => {
    await run(() => {
      const pool = new GreenPool(0);
      const order: number[] = [];
      const waiters = [1, 2, 3].map((n) =>
        spawn(() =>
          pool.spawn(() => {
            order.push(n);
            sleep(1);
          }),
        ),
      );
      sleep(0);
      expect(pool.waiting()).toBe(3);
      pool.resize(2);
      expect([pool.running(), pool.waiting()]).toEqual([2, 1]);
      for (const thread of waiters) thread.wait();
      pool.waitAll();
      expect(order).toEqual([1, 2, 3]);
    });
  });

  test('to less kills nobody: free is negative until enough have ended', async () => {
    await run(() => {
      const pool = new GreenPool(3);
      const threads = [1, 2, 3].map((ms) => pool.spawn(() => sleep(ms)));
      pool.resize(1);
      expect([pool.size, pool.free()]).toEqual([1, -2]);
      const waiter = spawn(() => pool.spawn(() => pool.running()).wait());
      expect(waiter.wait()).toBe(1);
      expect(threads.map((thread) => thread.state)).toEqual(['done', 'done', 'done']);
      expect(pool.free()).toBe(1);
    });
  });
});

function killLater(thread: GreenThread): void {
  sleep(1);
  thread.kill();
}

describe('no place is lost', () => {
  test.each<[string, (pool: GreenPool) => unknown]>([
    ['fails', (pool) => pool.spawn(fail).join()],
    ['is killed before it starts', (pool) => pool.spawn(() => sleep(1)).kill()],
    ['is killed while it runs', (pool) => killLater(pool.spawn(() => sleep(10)))],
    ['has a signal that has aborted', (pool) => pool.spawn({ signal: AbortSignal.abort() }, () => sleep(1)).join()],
  ])('when a function %s', async (_what, act) => {
    await run(() => {
      const pool = new GreenPool(1);
      act(pool);
      pool.waitAll();
      expect(pool.spawn(() => 'next').wait()).toBe('next');
      expect(pool.statistics()).toMatchObject({ running: 0, free: 1, waiting: 0 });
    });
  });

  test('when one that waits for a place times out, is aborted or killed', async () => {
    await run(() => {
      const pool = new GreenPool(1);
      const controller = new AbortController();
      let ran = 0;
      const job = (): void => void (ran += 1);
      const holder = pool.spawn(() => sleep(10));
      const late = spawn(() => thrown(() => pool.spawn({ timeout: 1 }, job)));
      const aborted = spawn(() => thrown(() => pool.spawn({ signal: controller.signal }, job)));
      const killed = spawn(() => pool.spawn(job));
      const patient = spawn(() => pool.spawn(job).wait());
      sleep(2);
      controller.abort(new Mine('aborted'));
      killed.kill();
      expect([late.wait(), aborted.wait()]).toEqual([code('ERR_VERDANT_TIMEOUT'), new Mine('aborted')]);
      holder.wait();
      patient.wait();
      expect([ran, pool.running(), pool.waiting()]).toEqual([1, 0, 0]);
    });
  });

  test('when one is killed after a place was handed to it: it spawns, and is killed then', async () => {
    await run(() => {
      const pool = new GreenPool(1);
      let ran = 0;
      const holder = pool.spawn(() => sleep(1));
      const waiter: GreenThread = spawn(() => {
        pool.spawn(() => void (ran += 1));
        sleep(0);
      });
      sleep(0);
      holder.link(() => waiter.kill());
      pool.waitAll();
      expect(thrown(() => waiter.wait())).toEqual(code('ERR_VERDANT_KILLED'));
      pool.waitAll();
      expect([ran, pool.free()]).toEqual([1, 1]);
    });
  });

  test('in a smash of kills', async () => {
    await run(() => {
      const pool = new GreenPool(3);
      const killers = Array.from({ length: 40 }, (_, n) =>
        spawn(() => {
          const thread = pool.spawn(() => sleep(n % 4));
          sleep(n % 3);
          thread.kill();
        }),
      );
      for (const killer of killers) killer.wait();
      pool.waitAll();
      expect(pool.statistics()).toMatchObject({ running: 0, free: 3, waiting: 0 });
    });
  });
});
