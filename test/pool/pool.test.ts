// Pool: who gets which item and when, how items are made, checked and put away, and that no item and no place is lost.
import { Pool, type PoolOptions, run, sleep, spawn, spawnAfter, Timeout, withTimeout } from 'verdant';
import { code, thrown } from '../core/thrown';
import { useVirtualClock } from '../support/virtual_clock';

useVirtualClock();

class Mine extends Error {}

interface Made {
  made: number[];
  destroyed: number[];
}

// A pool of numbers, counted from 1, that notes what becomes of them.
function numbers(options: Partial<PoolOptions<number>> = {}): [Pool<number>, Made] {
  const log: Made = { made: [], destroyed: [] };
  const create = (): number => {
    log.made.push(log.made.length + 1);
    return log.made.length;
  };
  return [new Pool({ create, destroy: (item) => void log.destroyed.push(item), ...options }), log];
}

const turn = (): void => sleep(0);

test.each<[string, unknown, string]>([
  ['nothing', undefined, 'ERR_INVALID_ARG_TYPE'],
  ['no create', {}, 'ERR_INVALID_ARG_TYPE'],
  ['a destroy that is no function', { create: () => 1, destroy: 1 }, 'ERR_INVALID_ARG_TYPE'],
  ['an unknown order', { create: () => 1, order: 'random' }, 'ERR_INVALID_ARG_TYPE'],
  ['a negative max', { create: () => 1, max: -1 }, 'ERR_OUT_OF_RANGE'],
  ['more min than max', { create: () => 1, min: 3, max: 2 }, 'ERR_OUT_OF_RANGE'],
  ['a negative age', { create: () => 1, maxAge: -1 }, 'ERR_OUT_OF_RANGE'],
])('%s is refused', (_what, options, expected) => {
  expect(thrown(() => new Pool(options as PoolOptions<number>))).toEqual(code(expected));
});

test('items are made when they are asked for, and given again', () => {
  const [pool, log] = numbers({ max: 2 });
  expect([pool.max, log.made]).toEqual([2, []]);
  const item = pool.get();
  expect([item, pool.free(), pool.statistics()]).toEqual([
    1,
    1,
    { max: 2, size: 1, idle: 0, inUse: 1, waiting: 0, created: 1, destroyed: 0 },
  ]);
  pool.put(item);
  expect([pool.get(), pool.get(), log.made]).toEqual([1, 2, [1, 2]]);
});

test('there are four at most by default', () => {
  const [pool] = numbers();
  for (let count = 0; count < 4; count += 1) pool.get();
  expect(pool.free()).toBe(0);
});

test('who asks while all are taken waits; outside of a green thread that is refused', async () => {
  const [pool] = numbers({ max: 1 });
  const item = pool.get();
  expect(thrown(() => pool.get())).toEqual(code('ERR_VERDANT_NOT_GREEN'));
  await run(() => {
    const waiter = spawn(() => pool.get());
    turn();
    expect([pool.waiting(), waiter.dead]).toEqual([1, false]);
    pool.put(item);
    expect([waiter.wait(), pool.waiting()]).toEqual([1, 0]);
  });
});

test('items go to those who wait first come, first served, and a newcomer cannot steal one', async () => {
  await run(() => {
    const [pool] = numbers({ max: 1 });
    const order: string[] = [];
    const item = pool.get();
    const user = (name: string) => () => pool.use(() => void order.push(name));
    const waiters = ['a', 'b', 'c'].map((name) => spawn(user(name)));
    turn();
    pool.put(item);
    expect(pool.free()).toBe(0);
    user('newcomer')();
    for (const waiter of waiters) waiter.wait();
    expect(order).toEqual(['a', 'b', 'c', 'newcomer']);
  });
});

test.each([
  ['fifo', [1, 2, 3]],
  ['lifo', [3, 2, 1]],
  [undefined, [1, 2, 3]],
] as const)('order %s decides which idle item comes first', (order, expected) => {
  const [pool] = numbers({ max: 3, order });
  for (const item of [pool.get(), pool.get(), pool.get()]) pool.put(item);
  expect([pool.get(), pool.get(), pool.get()]).toEqual(expected);
});

test('what was not taken cannot be put back, nor what was put back', () => {
  const [pool] = numbers();
  const item = pool.get();
  expect(thrown(() => pool.put(7))).toEqual(code('ERR_VERDANT_NOT_TAKEN'));
  pool.put(item);
  expect(thrown(() => pool.put(item))).toEqual(code('ERR_VERDANT_NOT_TAKEN'));
  expect(thrown(() => pool.discard(item))).toEqual(code('ERR_VERDANT_NOT_TAKEN'));
});

test('equal items are told apart by count', () => {
  const pool = new Pool({ max: 3, create: () => 'token' });
  const items = [pool.get(), pool.get(), pool.get()];
  for (const item of items) pool.put(item);
  expect([pool.statistics(), thrown(() => pool.put('token'))]).toEqual([
    expect.objectContaining({ idle: 3, inUse: 0 }),
    code('ERR_VERDANT_NOT_TAKEN'),
  ]);
});

test('a discarded item is destroyed, and its place is for the next', async () => {
  await run(() => {
    const [pool, log] = numbers({ max: 1 });
    const item = pool.get();
    const waiter = spawn(() => pool.get());
    turn();
    pool.discard(item);
    expect([waiter.wait(), log.destroyed]).toEqual([2, [1]]);
  });
});

describe('use and hold', () => {
  test.each<[string, () => unknown]>([
    ['returns', () => 'result'],
    ['throws', () => { throw new Mine('mine'); }], // prettier-ignore
    ['gives a promise', async () => 'result'],
    ['gives a promise that is rejected', () => Promise.reject(new Mine('mine'))],
  ])('use gives the item back when the function %s', async (_how, fn) => {
    await run(() => {
      const [pool] = numbers({ max: 1 });
      let outcome: unknown;
      try {
        outcome = pool.use(fn);
      } catch (error) {
        outcome = error;
      }
      expect(['result', new Mine('mine')]).toContainEqual(outcome);
      expect(pool.statistics()).toMatchObject({ idle: 1, inUse: 0 });
    });
  });

  test('use gives it back when it is killed', async () => {
    await run(() => {
      const [pool] = numbers({ max: 1 });
      const user = spawn(() => pool.use(() => sleep(10)));
      turn();
      user.kill();
      user.join();
      expect(pool.free()).toBe(1);
    });
  });

  test('use leaves it alone when the function has given it back, even if another has it by then', async () => {
    await run(() => {
      const [pool] = numbers({ max: 1 });
      pool.use((item) => {
        pool.put(item);
        expect(pool.get()).toBe(item);
      });
      expect(pool.statistics()).toMatchObject({ inUse: 1 });
      pool.put(1);
      pool.use((item) => pool.discard(item));
      turn();
      expect(pool.statistics()).toMatchObject({ inUse: 0, size: 0 });
    });
  });

  test('hold gives it back at the end of the scope, once', async () => {
    await run(() => {
      const [pool] = numbers({ max: 1 });
      {
        using held = pool.hold();
        expect([held.value, pool.free()]).toEqual([1, 0]);
        held[Symbol.dispose]();
        expect(pool.free()).toBe(1);
      }
      expect(pool.statistics()).toMatchObject({ idle: 1, inUse: 0 });
    });
  });
});

describe('create', () => {
  test('may block, and may give a promise', async () => {
    await run(() => {
      const blocking = new Pool({ create: () => (sleep(1), 'blocked') });
      const promising = new Pool({ create: async () => 'promised' });
      expect([blocking.get(), promising.get()]).toEqual(['blocked', 'promised']);
    });
  });

  test('that blocks holds a place: there are never more than max', async () => {
    await run(() => {
      let made = 0;
      const pool = new Pool({ max: 2, create: () => (sleep(1), (made += 1)) });
      const users = Array.from({ length: 10 }, () => spawn(() => pool.use(() => sleep(1))));
      for (const user of users) user.wait();
      expect([made, pool.free()]).toEqual([2, 2]);
    });
  });

  test('that fails gives its place to the next who waits, who tries again', async () => {
    await run(() => {
      let tries = 0;
      const create = (): number => {
        sleep(1);
        tries += 1;
        if (tries < 3) throw new Mine(`${tries}`);
        return tries;
      };
      const pool = new Pool({ max: 1, create });
      const users = [1, 2, 3].map(() => spawn(() => pool.get()));
      expect([thrown(() => users[0]!.wait()), thrown(() => users[1]!.wait()), users[2]!.wait()]).toEqual([
        new Mine('1'),
        new Mine('2'),
        3,
      ]);
      expect(pool.statistics()).toMatchObject({ size: 1, inUse: 1, waiting: 0 });
    });
  });

  test.each<[string, (pool: Pool<number>) => unknown, unknown]>([
    ['its own timeout', (pool) => pool.get({ timeout: 1 }), code('ERR_VERDANT_TIMEOUT')],
    ['its signal', (pool) => pool.get({ signal: aborting(1) }), new Mine('aborted')],
    ['a Timeout', (pool) => withTimeout(1, () => pool.get()), code('ERR_VERDANT_TIMEOUT')],
    ['a Timeout with an error', (pool) => new Timeout(1, new Mine('late')).run(() => pool.get()), new Mine('late')],
  ])('that is interrupted by %s gives its place back', async (_what, act, expected) => {
    await run(() => {
      const pool = new Pool({ max: 1, create: () => (sleep(10), 1) });
      expect(thrown(() => act(pool))).toEqual(expected);
      expect([pool.free(), pool.get({ timeout: 20 })]).toEqual([1, 1]);
      sleep(30); // nothing comes after
    });
  });
});

function aborting(ms: number): AbortSignal {
  const controller = new AbortController();
  spawnAfter(ms, () => controller.abort(new Mine('aborted')));
  return controller.signal;
}

describe('an interrupted waiter', () => {
  test.each<[string, (pool: Pool<number>) => unknown]>([
    ['by its timeout', (pool) => pool.get({ timeout: 1 })],
    ['by its signal', (pool) => pool.get({ signal: aborting(1) })],
    ['by a Timeout', (pool) => withTimeout(1, () => pool.get())],
  ])('%s has taken nothing, and others go on', async (_what, act) => {
    await run(() => {
      const [pool] = numbers({ max: 1 });
      const item = pool.get();
      const waiters = [spawn(() => thrown(() => act(pool))), spawn(() => pool.get())];
      sleep(2);
      expect([waiters[0]!.dead, pool.waiting()]).toEqual([true, 1]);
      pool.put(item);
      expect(waiters[1]!.wait()).toBe(1);
    });
  });

  test('that is killed when the item was on its way gets it, and gives it back by use', async () => {
    await run(() => {
      const [pool] = numbers({ max: 1 });
      const item = pool.get();
      const waiter = spawn(() => pool.use(() => turn()));
      turn();
      pool.put(item);
      waiter.kill();
      waiter.join();
      expect([waiter.state, pool.statistics()]).toEqual(['killed', expect.objectContaining({ idle: 1, inUse: 0 })]);
    });
  });
});

describe('validate', () => {
  test('is asked of items that have lain idle, and bad ones are destroyed and replaced', async () => {
    await run(() => {
      const asked: number[] = [];
      const [pool, log] = numbers({ max: 1, validate: (item) => (asked.push(item), item !== 1) });
      pool.put(pool.get());
      expect(asked).toEqual([]);
      expect([pool.get(), asked]).toEqual([2, [1]]);
      pool.put(2);
      expect([pool.get(), asked, log.destroyed]).toEqual([2, [1, 2], [1]]);
    });
  });

  test.each<[string, PoolOptions<number>['validate']]>([
    ['throws', () => { throw new Mine('bad'); }], // prettier-ignore
    ['rejects', () => Promise.reject(new Mine('bad'))],
    ['blocks and fails', () => (sleep(1), false)],
    ['times out by itself', () => withTimeout(1, () => (sleep(5), true))],
  ])('that %s means that it is bad', async (_how, validate) => {
    await run(() => {
      const [pool, log] = numbers({ max: 1, validate });
      pool.put(pool.get());
      expect([pool.get(), log.destroyed]).toEqual([2, [1]]);
    });
  });

  test('takes another idle one before it makes a new one', async () => {
    await run(() => {
      const [pool, log] = numbers({ max: 2, validate: (item) => item === 2 });
      for (const item of [pool.get(), pool.get()]) pool.put(item);
      expect(pool.get()).toBe(2);
      turn();
      expect([log, pool.statistics()]).toEqual([
        { made: [1, 2], destroyed: [1] },
        expect.objectContaining({ size: 1, inUse: 1 }),
      ]);
    });
  });

  test.each<[string, (pool: Pool<number>) => unknown, unknown]>([
    ['a timeout', (pool) => pool.get({ timeout: 1 }), code('ERR_VERDANT_TIMEOUT')],
    ['a Timeout', (pool) => withTimeout(1, () => pool.get()), code('ERR_VERDANT_TIMEOUT')],
  ])('that is interrupted by %s loses no place; the item is destroyed', async (_what, act, expected) => {
    await run(() => {
      const [pool, log] = numbers({ max: 1, validate: () => (sleep(10), true) });
      pool.put(pool.get());
      expect(thrown(() => act(pool))).toEqual(expected);
      turn();
      expect([log.destroyed, pool.free(), pool.get()]).toEqual([[1], 1, 2]);
    });
  });
});

describe('destroy', () => {
  test('may block: its place is free when it is done', async () => {
    await run(() => {
      const [pool] = numbers({ max: 1, destroy: () => sleep(5) });
      pool.discard(pool.get());
      expect(thrown(() => pool.get({ timeout: 1 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
      expect(pool.get()).toBe(2);
    });
  });

  test('of a bad item that is waited for in vain loses no place', async () => {
    await run(() => {
      const [pool] = numbers({ max: 1, validate: () => false, destroy: () => sleep(5) });
      pool.put(pool.get());
      expect(thrown(() => pool.get({ timeout: 1 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
      sleep(10);
      expect([pool.free(), pool.statistics().size]).toEqual([1, 0]);
    });
  });
});

describe('resize', () => {
  test('to more lets those who wait go on', async () => {
    await run(() => {
      const [pool] = numbers({ max: 0 });
      const waiters = [1, 2].map(() => spawn(() => pool.get()));
      turn();
      pool.resize(1);
      expect([waiters[0]!.wait(), pool.waiting()]).toEqual([1, 1]);
      pool.resize(2);
      expect(waiters[1]!.wait()).toBe(2);
    });
  });

  test('to less destroys idle ones now, and others when they are put back', async () => {
    await run(() => {
      const [pool, log] = numbers({ max: 4 });
      const items = [pool.get(), pool.get(), pool.get(), pool.get()];
      for (const item of items.slice(2)) pool.put(item);
      pool.resize(1);
      turn();
      expect([log.destroyed, pool.free(), pool.statistics().size]).toEqual([[3, 4], 0, 2]);
      pool.put(1);
      pool.put(2);
      turn();
      expect([log.destroyed, pool.free(), pool.statistics()]).toEqual([
        [3, 4, 1],
        1,
        expect.objectContaining({ size: 1, idle: 1 }),
      ]);
    });
  });

  test('again and again, while items are being destroyed, destroys no more than it must', async () => {
    await run(() => {
      const [pool, log] = numbers({ max: 4, destroy: undefined });
      const slow = numbers({ max: 4, destroy: (item) => (sleep(5), log.destroyed.push(item)) })[0];
      for (const item of [slow.get(), slow.get(), slow.get(), slow.get()]) slow.put(item);
      slow.resize(3);
      slow.resize(2);
      sleep(10);
      expect([log.destroyed.sort(), slow.free(), pool.free()]).toEqual([[1, 2], 2, 4]);
    });
  });
});

describe('min', () => {
  test('are made by the constructor on a green thread', async () => {
    await run(() => {
      const [pool, log] = numbers({ min: 2 });
      expect([log.made, pool.free()]).toEqual([[1, 2], 4]);
    });
  });

  test('are made soon after elsewhere', async () => {
    const [pool, log] = numbers({ min: 2 });
    expect(log.made).toEqual([]);
    await run(turn);
    expect([log.made, pool.statistics().idle]).toEqual([[1, 2], 2]);
  });

  test('that cannot be made fail the constructor, and those before are destroyed', async () => {
    await run(() => {
      const destroyed: number[] = [];
      let made = 0;
      const create = (): number => {
        made += 1;
        if (made === 2) throw new Mine('second');
        return made;
      };
      const options = { min: 2, create, destroy: (item: number) => void destroyed.push(item) };
      expect(thrown(() => new Pool(options))).toEqual(new Mine('second'));
      expect(destroyed).toEqual([1]);
    });
  });
});

describe('ageing', () => {
  test('items that were idle too long are destroyed, down to min, and no timer is left', async () => {
    await run(() => {
      const [pool, log] = numbers({ min: 1, max: 3, idleTimeout: 100 });
      const items = [pool.get(), pool.get(), pool.get()];
      pool.put(items[0]!);
      sleep(50);
      pool.put(items[1]!);
      pool.put(items[2]!);
      sleep(60);
      expect(log.destroyed).toEqual([1]);
      sleep(100);
      expect([log.destroyed, pool.statistics().idle]).toEqual([[1, 2], 1]);
    });
  });

  test('one that is used now and then stays', async () => {
    await run(() => {
      const [pool, log] = numbers({ idleTimeout: 100 });
      for (let count = 0; count < 10; count += 1) {
        pool.put(pool.get());
        sleep(60);
      }
      pool.clear();
      expect(log.made).toEqual([1]);
    });
  });

  test('items that are too old are destroyed when they are put back, or while they are idle', async () => {
    await run(() => {
      const [pool, log] = numbers({ max: 2, maxAge: 100 });
      const items = [pool.get(), pool.get()];
      pool.put(items[0]!);
      sleep(110);
      expect([log.destroyed, pool.statistics().idle]).toEqual([[1], 0]);
      pool.put(items[1]!);
      turn();
      expect([log.destroyed, pool.free()]).toEqual([[1, 2], 2]);
    });
  });

  test('with no time at all none is given twice', async () => {
    await run(() => {
      const [pool] = numbers({ maxAge: 0 });
      pool.put(pool.get());
      expect(pool.get()).toBe(2);
      const [other] = numbers({ idleTimeout: 0 });
      other.put(other.get());
      expect(other.get()).toBe(2);
    });
  });
});

describe('clear and close', () => {
  test('clear destroys all idle ones, and waits for that', async () => {
    await run(() => {
      const [pool, log] = numbers({ max: 3, destroy: (item) => (sleep(5), log.destroyed.push(item)) });
      const items = [pool.get(), pool.get(), pool.get()];
      pool.put(items[0]!);
      pool.put(items[1]!);
      pool.clear();
      expect([log.destroyed, pool.statistics()]).toEqual([[1, 2], expect.objectContaining({ size: 1, inUse: 1 })]);
      pool.put(items[2]!);
      expect(pool.get()).toBe(3);
    });
  });

  test('clear in plain code does not wait', async () => {
    const [pool, log] = numbers();
    pool.put(pool.get());
    pool.clear();
    expect(pool.statistics().idle).toBe(0);
    await run(turn);
    expect(log.destroyed).toEqual([1]);
  });

  test('close turns all away, and destroys what comes back', async () => {
    await run(() => {
      const [pool, log] = numbers({ max: 1 });
      const item = pool.get();
      const waiter = spawn(() => thrown(() => pool.get()));
      turn();
      pool.close();
      expect([waiter.wait(), thrown(() => pool.get())]).toEqual([
        code('ERR_VERDANT_CLOSED'),
        code('ERR_VERDANT_CLOSED'),
      ]);
      pool.put(item);
      turn();
      expect([log.destroyed, pool.statistics().size]).toEqual([[1], 0]);
    });
  });
});

test('when many contend and half of them give up, all items are there in the end', async () => {
  await run(() => {
    const [pool, log] = numbers({ max: 3 });
    const users = Array.from({ length: 60 }, (_, n) =>
      spawn(() => {
        try {
          pool.use(() => sleep(1 + (n % 3)), n % 2 === 0 ? { timeout: n % 7 } : undefined);
        } catch (error) {
          expect(error).toEqual(code('ERR_VERDANT_TIMEOUT'));
        }
      }),
    );
    for (const user of users) user.wait();
    expect([log.made.length, pool.free(), pool.statistics()]).toEqual([
      3,
      3,
      expect.objectContaining({ idle: 3, inUse: 0, waiting: 0 }),
    ]);
  });
});
