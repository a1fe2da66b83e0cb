// imap and its kin: in order, lazy, in the pool's own places, errors at their item, and nothing left when it is closed.
import {
  asyncIterate,
  getCurrent,
  type GreenThread,
  GreenPool,
  type PoolIterator,
  run,
  sleep,
  spawn,
  withTimeout,
} from 'verdant';
import { code, thrown } from '../core/thrown';
import { useVirtualClock } from '../support/virtual_clock';

useVirtualClock();

class Mine extends Error {}

function* count(pulled: { last: number; closed: boolean } = { last: -1, closed: false }): Generator<number, void> {
  try {
    for (let n = 0; ; n += 1) {
      pulled.last = n;
      yield n;
    }
  } finally {
    pulled.closed = true;
  }
}

// All outcomes, errors by their messages.
function drain<R>(results: PoolIterator<R>): unknown[] {
  const all: unknown[] = [];
  for (;;) {
    try {
      const step = results.next();
      if (step.done === true) return all;
      all.push(step.value);
    } catch (error) {
      all.push((error as Error).message);
    }
  }
}

test.each([1, 2, 3, 10, Infinity])('imap gives the results in the order of the items, with %s places', async (size) => {
  await run(() => {
    const pool = new GreenPool(size);
    const work = (n: number): number => (sleep((n * 7) % 5), n * n);
    const items = Array.from({ length: 20 }, (_, n) => n);
    expect([...pool.imap(work, items)]).toEqual(items.map((n) => n * n));
    expect(pool.running()).toBe(0);
  });
});

test('imapUnordered gives them as they come', async () => {
  await run(() => {
    const work = (n: number): number => (sleep(n), n);
    expect([...new GreenPool(3).imapUnordered(work, [9, 1, 5])]).toEqual([1, 5, 9]);
  });
});

test('imap takes one argument from each iterable, until the shortest ends', async () => {
  await run(() => {
    const pool = new GreenPool(2);
    const state = { last: -1, closed: false };
    const add = (a: number, b: string): string => `${a}${b}`;
    expect([...pool.imap(add, count(state), 'ab')]).toEqual(['0a', '1b']);
    expect(state.closed).toBe(true);
  });
});

test('without a function they give the arguments', async () => {
  await run(() => {
    const pool = new GreenPool(2);
    expect([...pool.imap(null, [1, 2], 'ab')]).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
    expect([...pool.starmap(null, [[1], [2, 3]])]).toEqual([[1], [2, 3]]);
  });
});

test('starmap takes the arguments as arrays', async () => {
  await run(() => {
    expect([...new GreenPool(2).starmap(Math.max, [[1, 3, 2], [4], []])]).toEqual([3, 4, -Infinity]);
  });
});

test('map gives an array, or the first error in the order of the items, and kills the rest', async () => {
  await run(() => {
    const pool = new GreenPool(3);
    expect(pool.map((n: number) => (sleep(3 - n), n), [0, 1, 2])).toEqual([0, 1, 2]);
    const ended: number[] = [];
    const work = (n: number): void => {
      try {
        sleep(n === 2 ? 100 : 3 - n);
        throw new Mine(`${n}`);
      } finally {
        ended.push(n);
      }
    };
    expect(thrown(() => pool.map(work, [0, 1, 2]))).toEqual(new Mine('0'));
    expect([ended, pool.running()]).toEqual([[1, 0, 2], 0]);
  });
});

test('nothing at all is fine', async () => {
  await run(() => {
    const pool = new GreenPool(2);
    expect([[...pool.imap(String, [])], [...pool.imapUnordered(String, [])], pool.map(String, [])]).toEqual([
      [],
      [],
      [],
    ]);
  });
});

test('wrong arguments are refused at the call', () => {
  const pool = new GreenPool(1);
  expect(thrown(() => pool.imap('x' as never, [1]))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  expect(thrown(() => pool.imap((n: number) => n, 3 as unknown as number[]))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  expect(thrown(() => pool.imap(() => 1))).toEqual(code('ERR_OUT_OF_RANGE'));
  expect(thrown(() => pool.starmap(Math.max, null as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
});

test('what the function throws is thrown at that item, and the iteration goes on', async () => {
  await run(() => {
    const pool = new GreenPool(2);
    const work = (n: number): number => {
      sleep(5 - n);
      if (n % 2 === 1) throw new Mine(`odd ${n}`);
      return n;
    };
    expect(drain(pool.imap(work, [0, 1, 2, 3, 4]))).toEqual([0, 'odd 1', 2, 'odd 3', 4]);
  });
});

test('what the source throws comes behind what it gave, and ends it', async () => {
  await run(() => {
    function* broken(): Generator<number, void> {
      yield 1;
      yield 2;
      throw new Mine('broken');
    }
    expect(drain(new GreenPool(5).imap((n: number) => (sleep(1), n), broken()))).toEqual([1, 2, 'broken']);
  });
});

test('nothing begins before the first next', async () => {
  await run(() => {
    const state = { last: -1, closed: false };
    const results = new GreenPool(2).imap((n: number) => n, count(state));
    sleep(1);
    expect(state.last).toBe(-1);
    expect(results.next().value).toBe(0);
    results.return();
  });
});

test.each(['imap', 'imapUnordered'] as const)(
  '%s takes no more items than the pool has places, ahead',
  async (kind) => {
    await run(() => {
      const pool = new GreenPool(4);
      const state = { last: -1, closed: false };
      using results = pool[kind]((n: number) => n, count(state));
      for (let given = 1; given <= 20; given += 1) {
        results.next();
        sleep(1);
        expect(state.last + 1).toBe(given + 4);
      }
    });
  },
);

test('a slow source delays no result', async () => {
  await run(() => {
    function* slow(): Generator<number, void> {
      yield 1;
      sleep(100);
      yield 2;
    }
    const results = new GreenPool(2).imap((n: number) => n, slow());
    expect(withTimeout(50, () => results.next().value)).toBe(1);
    expect([...results]).toEqual([2]);
  });
});

test('the jobs take the places of the pool, and leave it to others too', async () => {
  await run(() => {
    const pool = new GreenPool(2);
    let most = 0;
    const look = (): void => void (most = Math.max(most, pool.running()));
    pool.spawn(() => sleep(5));
    const results = pool.map((n: number) => (look(), sleep(1), n), [1, 2, 3, 4]);
    expect([results, most]).toEqual([[1, 2, 3, 4], 2]);
    pool.waitAll();
  });
});

describe('a member of the pool', () => {
  test.each([1, 2, 3])('may iterate in the same pool of %i, and in that again', async (size) => {
    await run(() => {
      const pool = new GreenPool(size);
      const inner = (x: number): number[] => pool.map((y: number) => (sleep(y), x * y), [1, 2, 3]);
      const outer = [1, 2, 3].map((n) =>
        spawn(() => pool.spawn(() => pool.map((x: number) => inner(x + n), [1, 2])).wait()),
      );
      expect(outer.map((thread) => thread.wait())).toEqual(
        [1, 2, 3].map((n) => [1, 2].map((x) => [1, 2, 3].map((y) => (x + n) * y))),
      );
      expect(pool.statistics()).toMatchObject({ running: 0, waiting: 0 });
    });
  });

  test('runs items itself only where no place is free', async () => {
    await run(() => {
      const pool = new GreenPool(1);
      const member: GreenThread<boolean[]> = pool.spawn(() => pool.map(() => getCurrent() === member, [1, 2]));
      expect(member.wait()).toEqual([true, true]);
      const other: GreenThread<boolean[]> =
        (pool.resize(2), pool.spawn(() => pool.map(() => getCurrent() === other, [1])));
      expect(other.wait()).toEqual([false]);
    });
  });

  test('that is killed while it runs one is killed, and the pool goes on', async () => {
    await run(() => {
      const pool = new GreenPool(1);
      const member = pool.spawn(() => pool.map(() => sleep(10), [1, 2]));
      sleep(1);
      member.kill();
      expect(thrown(() => member.wait())).toEqual(code('ERR_VERDANT_KILLED'));
      expect(pool.spawn(() => 'next').wait()).toBe('next');
    });
  });
});

describe('closing it early', () => {
  test.each<[string, (results: PoolIterator<number>) => void]>([
    ['by break', (results) => { for (const _ of results) break; }], // prettier-ignore
    ['by return()', (results) => { results.next(); results.return(); }], // prettier-ignore
    ['by using', (results) => { using held = results; held.next(); }], // prettier-ignore
    ['by destructuring', (results) => { const [_first] = results; }], // prettier-ignore
  ])('%s kills what runs, waits for its end and closes the source', async (_how, close) => {
    await run(() => {
      const pool = new GreenPool(3);
      const state = { last: -1, closed: false };
      const ended: number[] = [];
      const work = (n: number): number => {
        try {
          sleep(n === 0 ? 1 : 1000);
          return n;
        } finally {
          ended.push(n);
        }
      };
      const results = pool.imap(work, count(state));
      close(results);
      expect([ended, pool.running(), state.closed]).toEqual([[0, 1, 2], 0, true]);
      expect(results.next()).toEqual({ done: true, value: undefined });
    });
  });

  test('wakes others who ask', async () => {
    await run(() => {
      const results = new GreenPool(1).imap(() => sleep(1000), [1]);
      const other = spawn(() => results.next());
      sleep(1);
      results.return();
      expect(other.wait()).toEqual({ done: true, value: undefined });
    });
  });

  test('interrupts a source that blocks', async () => {
    await run(() => {
      let closed = false;
      function* slow(): Generator<number, void> {
        try {
          yield 1;
          sleep(1000);
        } finally {
          closed = true;
        }
      }
      const results = new GreenPool(2).imap((n: number) => n, slow());
      results.next();
      sleep(1);
      results.return();
      expect(closed).toBe(true);
    });
  });

  test('in plain code goes on behind the caller', async () => {
    const pool = new GreenPool(2);
    const state = { last: -1, closed: false };
    const results = pool.imap((n: number) => sleep(n * 1000), count(state));
    await run(() => results.next());
    results.return();
    await run(() => pool.waitAll());
    await run(() => sleep(0));
    expect(state.closed).toBe(true);
  });

  test('comes with a kill in next', async () => {
    await run(() => {
      const pool = new GreenPool(2);
      const state = { last: -1, closed: false };
      const consumer = spawn(() => [...pool.imap(() => sleep(1000), count(state))]);
      sleep(1);
      consumer.kill();
      consumer.join();
      expect([pool.running(), state.closed]).toEqual([0, true]);
    });
  });

  test('may be forgotten: what has begun ends, and nothing waits for ever', async () => {
    await run(() => {
      const pool = new GreenPool(2);
      pool.imap((n: number) => (sleep(1), n), count()).next();
      sleep(5);
      expect(pool.statistics()).toMatchObject({ running: 0, waiting: 0 });
    });
  });

  test('a job may do it', async () => {
    await run(() => {
      const pool = new GreenPool(2);
      const results: PoolIterator<unknown> = pool.imap(
        (n: number) => (sleep(1), n === 1 ? results.return() : n),
        count(),
      );
      expect([...results]).toEqual([0]);
      pool.waitAll();
    });
  });
});

test('a timeout or abort in next loses no result', async () => {
  await run(() => {
    const pool = new GreenPool(2);
    const results = pool.imap((n: number) => (sleep(10), n), [1, 2, 3]);
    const controller = new AbortController();
    expect(thrown(() => results.next({ timeout: 1 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
    expect(thrown(() => withTimeout(1, () => results.next()))).toEqual(code('ERR_VERDANT_TIMEOUT'));
    spawn(() => controller.abort(new Mine('aborted')));
    expect(thrown(() => results.next({ signal: controller.signal }))).toEqual(new Mine('aborted'));
    expect([...results]).toEqual([1, 2, 3]);
  });
});

test('several may ask; each gets another result, in the order in which they asked', async () => {
  await run(() => {
    const results = new GreenPool(4).imap((n: number) => (sleep(5 - n), n), [1, 2, 3, 4]);
    const askers = [1, 2, 3, 4, 5].map(() => spawn(() => results.next().value));
    expect(askers.map((asker) => asker.wait())).toEqual([1, 2, 3, 4, undefined]);
  });
});

test('next outside of a green thread is refused when it would have to wait', async () => {
  const pool = new GreenPool(2);
  const results = pool.imap((n: number) => n, [1]);
  expect(thrown(() => results.next())).toEqual(code('ERR_VERDANT_NOT_GREEN'));
  const all: number[] = [];
  for await (const each of asyncIterate(results)) all.push(each);
  expect(all).toEqual([1]);
});
