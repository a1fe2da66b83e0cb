// asyncIterate(): a blocking iterable for `for await`; each step on a green thread, one after the other.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { asyncIterate, getCurrent, iterate, run, sleep, wait } from 'verdant';
import { deferred } from './support/deferred';
import { outcomeOf, thrownBy } from './support/outcome';

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

describe('asyncIterate', () => {
  it('gives the items of a generator that sleeps and waits', async () => {
    function* items() {
      yield 1;
      sleep(1);
      yield 2;
      yield wait(delay(1, 3));
    }
    expect(await collect(asyncIterate(items()))).toEqual([1, 2, 3]);
  });

  it('gives the items of an array', async () => {
    expect(await collect(asyncIterate(['a', 'b']))).toEqual(['a', 'b']);
  });

  it('runs each step on a green thread', async () => {
    function* items() {
      yield getCurrent() !== null;
      yield getCurrent() !== null;
    }
    expect(await collect(asyncIterate(items()))).toEqual([true, true]);
  });

  it('makes no step before it is asked, and none ahead', async () => {
    const order: string[] = [];
    function* items() {
      for (let n = 1; n <= 2; n += 1) {
        order.push(`made ${n}`);
        yield n;
      }
    }
    const source = asyncIterate(items());
    await run(() => undefined);
    for await (const n of source) {
      await delay(1);
      order.push(`used ${n}`);
    }
    expect(order).toEqual(['made 1', 'used 1', 'made 2', 'used 2']);
  });

  it('answers concurrent calls of next() in their order, one step at a time', async () => {
    let inside = 0;
    let most = 0;
    function* items() {
      for (let n = 0; n < 5; n += 1) {
        inside += 1;
        most = Math.max(most, inside);
        sleep(5 - n);
        inside -= 1;
        yield n;
      }
    }
    const source = asyncIterate(items());
    const order: number[] = [];
    const results = await Promise.all(
      Array.from({ length: 7 }, (_, index) =>
        source.next().then((result) => {
          order.push(index);
          return result;
        }),
      ),
    );
    expect(results.map(({ value }) => value)).toEqual([0, 1, 2, 3, 4, undefined, undefined]);
    expect(results.map(({ done }) => done)).toEqual([false, false, false, false, false, true, true]);
    expect([order, most]).toEqual([[0, 1, 2, 3, 4, 5, 6], 1]);
  });

  it('lets return() wait for the steps that were asked for before', async () => {
    const order: string[] = [];
    function* items() {
      try {
        for (let n = 1; ; n += 1) {
          sleep(1);
          yield n;
        }
      } finally {
        sleep(1);
        order.push('closed');
      }
    }
    const source = asyncIterate(items());
    const [first, second, returned, after] = await Promise.all([
      source.next(),
      source.next(),
      source.return!('value'),
      source.next(),
    ]);
    expect([first, second]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ]);
    expect(returned).toEqual({ done: true, value: 'value' });
    expect(after).toEqual({ done: true, value: undefined });
    expect(order).toEqual(['closed']);
  });

  it('closes the source on break; its finally block may block', async () => {
    const order: string[] = [];
    function* items() {
      try {
        yield 1;
        yield 2;
      } finally {
        wait(delay(1));
        order.push('closed');
      }
    }
    for await (const _ of asyncIterate(items())) break;
    order.push('after');
    expect(order).toEqual(['closed', 'after']);
  });

  it('closes the source when the loop throws, and the error comes out', async () => {
    let closed = 0;
    const error = new Error('loop');
    function* items() {
      try {
        yield 1;
      } finally {
        closed += 1;
      }
    }
    const loop = async (): Promise<void> => {
      for await (const _ of asyncIterate(items())) throw error;
    };
    expect(await outcomeOf(loop())).toEqual({ error });
    expect(closed).toBe(1);
  });

  it('rejects the step that fails with the very error, and is then at its end', async () => {
    const error = new Error('x');
    function* items() {
      yield 1;
      sleep(1);
      throw error;
    }
    const source = asyncIterate(items());
    const steps = await Promise.all([source.next(), source.next(), source.next()].map(outcomeOf));
    expect(steps).toEqual([
      { value: { done: false, value: 1 } },
      { error },
      { value: { done: true, value: undefined } },
    ]);
  });

  it('goes on after a step that fails, if the iterator does', async () => {
    let calls = 0;
    const flaky = {
      [Symbol.iterator]: () => ({
        next: () => {
          calls += 1;
          if (calls === 1) throw new Error('once');
          return { done: calls > 2, value: calls };
        },
      }),
    };
    const source = asyncIterate(flaky);
    await expect(source.next()).rejects.toThrow('once');
    expect(await source.next()).toEqual({ done: false, value: 2 });
  });

  it('throws into the source with throw()', async () => {
    const error = new Error('in');
    let caught: unknown;
    function* items() {
      try {
        yield 1;
      } catch (thrown) {
        caught = thrown;
        sleep(1);
        yield 'recovered';
      }
    }
    const source = asyncIterate<unknown>(items());
    await source.next();
    expect(await source.throw!(error)).toEqual({ done: false, value: 'recovered' });
    expect(caught).toBe(error);
  });

  it('rejects throw() when the source has none', async () => {
    const error = new Error('in');
    const source = asyncIterate(new Set([1, 2]));
    await source.next();
    await expect(source.throw!(error)).rejects.toBeInstanceOf(Error);
  });

  it('returns without having begun: the body of the generator never runs', async () => {
    let ran = false;
    function* items() {
      ran = true;
      yield 1;
    }
    const source = asyncIterate(items());
    expect(await source.return!('early')).toEqual({ done: true, value: 'early' });
    expect(await source.next()).toEqual({ done: true, value: undefined });
    expect(ran).toBe(false);
  });

  it('gives each step the AsyncLocalStorage of its caller', async () => {
    const storage = new AsyncLocalStorage<string>();
    const source = asyncIterate({
      [Symbol.iterator]: () => ({
        next: () => {
          sleep(0);
          return { done: false as const, value: storage.getStore() };
        },
      }),
    });
    expect(await Promise.all([storage.run('a', () => source.next()), storage.run('b', () => source.next())])).toEqual([
      { done: false, value: 'a' },
      { done: false, value: 'b' },
    ]);
  });

  it('is an iterator and an iterable of itself', () => {
    const source = asyncIterate([1]);
    expect(source[Symbol.asyncIterator]()).toBe(source);
  });

  it('composes with iterate, both ways', async () => {
    async function* numbers() {
      yield 1;
      await delay(1);
      yield 2;
    }
    expect(await collect(asyncIterate(iterate(numbers())))).toEqual([1, 2]);
    expect(await run(() => [...iterate(asyncIterate([3, 4]))])).toEqual([3, 4]);
  });

  it('closes the innermost source through iterate and asyncIterate', async () => {
    const closed = deferred<string>();
    async function* numbers() {
      try {
        yield 1;
        yield 2;
      } finally {
        closed.resolve('closed');
      }
    }
    for await (const _ of asyncIterate(iterate(numbers()))) break;
    expect(await closed.promise).toBe('closed');
  });

  it.each([[null], [undefined], [5], [{}]])('refuses the source %p', (source) => {
    expect(thrownBy(() => asyncIterate(source as never))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  });
});
