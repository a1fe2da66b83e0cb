// GreenPile: results in the order of spawning, errors at their place, no result lost to an interruption.
import { GreenPile, GreenPool, run, sleep, spawn, withTimeout } from 'verdant';
import { code, thrown } from '../core/thrown';
import { useVirtualClock } from '../support/virtual_clock';

useVirtualClock();

test.each([1, 2, 5])('gives the results of 50 in the order of spawning, %i at a time', async (size) => {
  await run(() => {
    const pile = new GreenPile<number>(size);
    for (let n = 0; n < 50; n += 1) pile.spawn((ms: number) => (sleep(ms % 7), ms), n);
    expect([...pile]).toEqual(Array.from({ length: 50 }, (_, n) => n));
    expect(pile.pool.running()).toBe(0);
  });
});

test('one without anything gives nothing', async () => {
  expect([...new GreenPile()]).toEqual([]);
  await run(() => expect([...new GreenPile()]).toEqual([]));
});

test('may use a pool that others use', async () => {
  await run(() => {
    const pool = new GreenPool(2);
    const [a, b] = [new GreenPile<string>(pool), new GreenPile<string>(pool)];
    for (const name of ['1', '2', '3']) {
      a.spawn(() => (sleep(1), `a${name}`));
      b.spawn(() => (sleep(1), `b${name}`));
    }
    expect([[...b], [...a]]).toEqual([
      ['b1', 'b2', 'b3'],
      ['a1', 'a2', 'a3'],
    ]);
  });
});

test.each([
  ['a string', 'x'],
  ['an object', {}],
  ['null', null],
])('%s is no pool', (_what, value) => {
  expect(thrown(() => new GreenPile(value as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
});

test('errors are thrown at their place, and the iteration goes on', async () => {
  await run(() => {
    const pile = new GreenPile<number>(3);
    for (const n of [0, 1, 2]) {
      pile.spawn(() => {
        sleep(3 - n);
        if (n === 1) throw new Error('one');
        return n;
      });
    }
    expect(pile.next().value).toBe(0);
    expect(thrown(() => pile.next())).toEqual(new Error('one'));
    expect(pile.next()).toEqual({ done: false, value: 2 });
    expect(pile.next()).toEqual({ done: true, value: undefined });
  });
});

test('one that is killed gives its reason', async () => {
  await run(() => {
    const pile = new GreenPile<void>(1);
    pile.spawn(() => sleep(10)).kill();
    expect(thrown(() => pile.next())).toEqual(code('ERR_VERDANT_KILLED'));
  });
});

test('goes on after its end when more is spawned', async () => {
  await run(() => {
    const pile = new GreenPile<number>(2);
    pile.spawn(() => 1);
    expect([...pile]).toEqual([1]);
    pile.spawn(() => 2);
    expect([...pile]).toEqual([2]);
  });
});

test('who iterates while another spawns does not end before that', async () => {
  await run(() => {
    const pile = new GreenPile<number>(1);
    pile.pool.spawn(() => sleep(5));
    const spawner = spawn(() => pile.spawn(() => 1)); // waits for a place
    sleep(0);
    expect([...pile]).toEqual([1]);
    spawner.wait();
  });
});

test('a spawn that fails leaves nothing to wait for', async () => {
  await run(() => {
    const pile = new GreenPile<number>(1);
    const holder = pile.pool.spawn(() => sleep(10));
    expect(thrown(() => pile.spawn({ timeout: 1 }, () => 1))).toEqual(code('ERR_VERDANT_TIMEOUT'));
    expect([...pile]).toEqual([]);
    holder.kill();
  });
});

test('a Timeout while iterating loses no result', async () => {
  await run(() => {
    const pile = new GreenPile<number>(3);
    for (const n of [1, 2, 3]) pile.spawn(() => (sleep(10 * n), n));
    expect(thrown(() => withTimeout(1, () => pile.next()))).toEqual(code('ERR_VERDANT_TIMEOUT'));
    expect(thrown(() => pile.next({ timeout: 1 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
    expect([...pile]).toEqual([1, 2, 3]);
  });
});

test('a kill that overtakes a result loses it not: the iteration goes on with it', async () => {
  await run(() => {
    const pile = new GreenPile<number>(1);
    const got: number[] = [];
    const thread = pile.spawn(() => (sleep(1), 1));
    const consumer = spawn(() => {
      for (const n of pile) {
        got.push(n);
        sleep(0);
      }
    });
    thread.link(() => consumer.kill());
    consumer.join();
    expect(consumer.state).toBe('killed');
    expect([got, [...pile]]).toEqual([[1], []]);
  });
});

test('leaving the loop early keeps the rest', async () => {
  await run(() => {
    const pile = new GreenPile<number>(2);
    for (const n of [1, 2, 3]) pile.spawn(() => n);
    for (const n of pile) if (n === 2) break;
    expect(pile.statistics()).toEqual({ results: 1, waiting: 0 });
    expect([...pile]).toEqual([3]);
  });
});

test('spawning from one of its own works, also in a full pool', async () => {
  await run(() => {
    const pile = new GreenPile<string>(1);
    pile.spawn(() => {
      pile.spawn(() => 'inner');
      return 'outer';
    });
    expect([...pile]).toEqual(['outer', 'inner']);
  });
});
