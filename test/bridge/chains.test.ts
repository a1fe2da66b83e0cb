// Chains async -> green -> async -> green, 50 deep: results, errors and AsyncLocalStorage arrive at every level.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as immediate, setTimeout as delay } from 'node:timers/promises';
import {
  asyncIterate,
  asyncToGreen,
  greenToAsync,
  greenToPromise,
  iterate,
  promiseToGreen,
  run,
  sleep,
  spawn,
  wait,
} from 'verdant';
import { getHub } from 'verdant/hub';
import { outcomeOf } from './support/outcome';

const depth = 50;
const storage = new AsyncLocalStorage<string>();

/** Descends alternately in async and in green code; each level checks its store before and after, and adds its number. */
function chain(leaf: () => Promise<string>, seen: string[]): Promise<string> {
  const note = (at: string): void => {
    seen.push(`${at}: ${storage.getStore()}`);
  };
  async function asyncLevel(n: number): Promise<string> {
    if (n === 0) return await leaf();
    return await storage.run(`async ${n}`, async () => {
      await immediate();
      const value = await spawn({ name: `level ${n}` }, greenLevel, n);
      note(`async ${n}`);
      return `${n} ${value}`;
    });
  }
  function greenLevel(n: number): string {
    return storage.run(`green ${n}`, () => {
      sleep(0);
      try {
        return wait(asyncLevel(n - 1));
      } finally {
        note(`green ${n}`);
      }
    });
  }
  return asyncLevel(depth);
}

const levels = Array.from({ length: depth }, (_, n) => n + 1);

describe('a chain of fifty async and fifty green levels', () => {
  it('gives the result of the innermost level, through all of them', async () => {
    const seen: string[] = [];
    const value = await chain(async () => {
      await delay(1);
      return 'leaf';
    }, seen);
    expect(value).toBe([...[...levels].reverse(), 'leaf'].join(' '));
  });

  it('keeps the AsyncLocalStorage of every level', async () => {
    const seen: string[] = [];
    await storage.run('outside', async () => {
      await chain(() => delay(1, 'leaf'), seen);
      expect(storage.getStore()).toBe('outside');
    });
    expect(seen).toEqual(levels.flatMap((n) => [`green ${n}: green ${n}`, `async ${n}: async ${n}`]));
  });

  it('throws the very error of the innermost level, through all finally blocks', async () => {
    const seen: string[] = [];
    const error = new Error('leaf');
    const outcome = await outcomeOf(chain(() => delay(1).then(() => Promise.reject(error)), seen));
    expect('error' in outcome && outcome.error).toBe(error);
    expect(seen).toEqual(levels.map((n) => `green ${n}: green ${n}`));
  });

  it('works with a leaf that has settled before', async () => {
    const value = await chain(() => Promise.resolve('settled'), []);
    expect(value.endsWith(' settled')).toBe(true);
  });

  it('runs twenty times side by side, and nothing is left', async () => {
    const live = getHub().stats().greenThreads;
    const values = await Promise.all(Array.from({ length: 20 }, (_, n) => chain(() => delay(1, `leaf ${n}`), [])));
    expect(values.map((value) => value.split(' ').slice(depth).join(' '))).toEqual(values.map((_, n) => `leaf ${n}`));
    expect(getHub().stats().greenThreads).toBe(live);
  });
});

describe('a chain of every bridge', () => {
  const bridges: Record<string, (below: () => Promise<string>) => Promise<string>> = {
    run: (below) => run(() => wait(below())),
    spawn: async (below) => await spawn(() => wait(below())),
    promiseToGreen: async (below) => await promiseToGreen(below),
    'promiseToGreen of a promise': async (below) => await promiseToGreen(below()),
    greenToPromise: (below) => greenToPromise(spawn(() => wait(below()))),
    'greenToPromise with a signal': (below) =>
      greenToPromise(
        spawn(() => wait(below())),
        { signal: new AbortController().signal },
      ),
    greenToAsync: (below) => greenToAsync(() => wait(below()))(),
    asyncToGreen: (below) => run(() => asyncToGreen(below)()),
    'wait on a thread': (below) => run(() => wait(spawn(() => wait(below())))),
    'thread.wait': (below) => run(() => spawn(() => wait(below())).wait()),
    iterate: (below) =>
      run(() => {
        async function* items() {
          yield await below();
        }
        return [...iterate(items())].join('');
      }),
    asyncIterate: async (below) => {
      function* items() {
        yield wait(below());
      }
      let text = '';
      for await (const item of asyncIterate(items())) text += item;
      return text;
    },
  };
  const names = Object.keys(bridges);
  const nest = (order: string[], leaf: () => Promise<string>): Promise<string> =>
    order.reduceRight<() => Promise<string>>((below, name) => () => bridges[name]!(below), leaf)();

  it.each(names)('passes a value and the store through fifty times %s', async (name) => {
    const order = Array.from({ length: depth }, () => name);
    const value = await storage.run('here', () => nest(order, async () => `leaf ${storage.getStore()}`));
    expect(value).toBe('leaf here');
  });

  it.each(names)('passes the very error through fifty times %s', async (name) => {
    const error = new Error('leaf');
    const order = Array.from({ length: depth }, () => name);
    const outcome = await outcomeOf(
      nest(order, async () => {
        await immediate();
        throw error;
      }),
    );
    expect('error' in outcome && outcome.error).toBe(error);
  });

  it('passes a value through each after each', async () => {
    const order = names.flatMap((outer) => names.flatMap((inner) => [outer, inner]));
    expect(await nest(order, () => delay(1, 'leaf'))).toBe('leaf');
  });
});
