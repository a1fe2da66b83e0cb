// iterate(): an async iterable in a plain for loop; the source is closed exactly once whenever the loop is left early.
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { AsyncLocalStorage } from 'node:async_hooks';
import { iterate, run, sleep, spawn, Timeout } from 'verdant';
import { deferred, never } from './support/deferred';
import { errorOf, outcomeOf, thrownBy, turnOfTheHub } from './support/outcome';

/** An async iterator that counts its calls; `step` makes the n-th step. */
function counted<T>(step: (n: number) => PromiseLike<IteratorResult<T>> | IteratorResult<T>) {
  const calls = { next: 0, return: 0 };
  const source = {
    [Symbol.asyncIterator]: () => ({
      next: () => step(calls.next++) as Promise<IteratorResult<T>>,
      return: async () => {
        calls.return += 1;
        return { done: true as const, value: undefined };
      },
    }),
  };
  return { calls, source };
}

const upTo = (end: number) => (n: number) => Promise.resolve({ done: n >= end, value: n });

describe('iterate', () => {
  it('gives the items of an async generator in order', async () => {
    async function* items() {
      yield 1;
      await delay(1);
      yield 2;
      yield Promise.resolve(3);
    }
    expect(await run(() => [...iterate(items())])).toEqual([1, 2, 3]);
  });

  it('gives the items of a stream', async () => {
    expect(await run(() => [...iterate(Readable.from(['a', 'b', 'c']))].join(''))).toBe('abc');
  });

  it('reads a file in chunks', async () => {
    const read = await run(() =>
      Buffer.concat([...iterate(createReadStream(__filename, { highWaterMark: 100 }))]).toString(),
    );
    expect(read).toBe(await readFile(__filename, 'utf8'));
  });

  it('waits for the items of a plain iterable of promises', async () => {
    expect(await run(() => [...iterate([delay(1, 'a'), Promise.resolve('b'), 'c'])])).toEqual(['a', 'b', 'c']);
  });

  it('asks for one item at a time, when the loop asks: the source feels the backpressure', async () => {
    const order: string[] = [];
    async function* items() {
      for (let n = 1; n <= 3; n += 1) {
        order.push(`made ${n}`);
        yield n;
      }
    }
    await run(() => {
      for (const n of iterate(items())) {
        sleep(1);
        order.push(`used ${n}`);
      }
    });
    expect(order).toEqual(['made 1', 'used 1', 'made 2', 'used 2', 'made 3', 'used 3']);
  });

  it('lets other green threads run while it waits for an item', async () => {
    const gate = deferred();
    async function* items() {
      await gate.promise;
      yield 'item';
    }
    const loop = spawn(() => [...iterate(items())]);
    await turnOfTheHub();
    await run(() => gate.resolve(undefined));
    expect(await loop).toEqual(['item']);
  });

  it('throws the very error of the source, which is not closed any more', async () => {
    const error = new Error('x');
    const { calls, source } = counted((n) => (n === 1 ? Promise.reject(error) : upTo(9)(n)));
    expect(await errorOf(() => [...iterate(source)])).toBe(error);
    expect(calls).toEqual({ next: 2, return: 0 });
  });

  it('does not close a source that has come to its end', async () => {
    const { calls, source } = counted(upTo(3));
    expect(await run(() => [...iterate(source)])).toEqual([0, 1, 2]);
    expect(calls).toEqual({ next: 4, return: 0 });
  });

  it('can be started again when the source can', async () => {
    const { source } = counted((n) => Promise.resolve({ done: n % 3 === 2, value: n }));
    const items = iterate(source);
    expect(await run(() => [[...items], [...items]])).toEqual([
      [0, 1],
      [3, 4],
    ]);
  });

  it('keeps AsyncLocalStorage over each item', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { source } = counted((n) => storage.run('source', () => upTo(3)(n)));
    const stores = await storage.run('loop', () => run(() => [...iterate(source)].map(() => storage.getStore())));
    expect(stores).toEqual(['loop', 'loop', 'loop']);
  });

  it('refuses outside a green thread before it touches the source', () => {
    const { calls, source } = counted(upTo(3));
    expect(thrownBy(() => [...iterate(source)])).toMatchObject({ code: 'ERR_VERDANT_NOT_GREEN' });
    expect(calls).toEqual({ next: 0, return: 0 });
  });

  it.each([[null], [undefined], [5], [{}]])('refuses the source %p', (source) => {
    expect(thrownBy(() => iterate(source as never))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  });
});

describe('iterate closes its source once', () => {
  it('on break', async () => {
    const { calls, source } = counted(upTo(9));
    await run(() => {
      for (const n of iterate(source)) if (n === 1) break;
    });
    expect(calls).toEqual({ next: 2, return: 1 });
  });

  it('on return', async () => {
    const { calls, source } = counted(upTo(9));
    const first = await run(() => {
      for (const n of iterate(source)) return n;
      return -1;
    });
    expect([first, calls]).toEqual([0, { next: 1, return: 1 }]);
  });

  it('on destructuring', async () => {
    const { calls, source } = counted(upTo(9));
    const [a, b] = await run(() => {
      const [one, two] = iterate(source);
      return [one, two];
    });
    expect([a, b, calls]).toEqual([0, 1, { next: 2, return: 1 }]);
  });

  it('on throw in the loop, and the error of the loop comes out', async () => {
    const { calls, source } = counted(upTo(9));
    const error = new Error('loop');
    expect(
      await errorOf(() => {
        for (const _ of iterate(source)) throw error;
      }),
    ).toBe(error);
    expect(calls.return).toBe(1);
  });

  it('on a kill while the loop waits for an item', async () => {
    const { calls, source } = counted(() => never());
    const thread = spawn(() => [...iterate(source)]);
    await turnOfTheHub();
    thread.kill();
    await outcomeOf(thread);
    expect([thread.state, calls]).toEqual(['killed', { next: 1, return: 1 }]);
  });

  it('on a kill with an error while the loop waits for an item', async () => {
    const reason = new Error('kill');
    const { calls, source } = counted(() => never());
    const thread = spawn(() => [...iterate(source)]);
    await turnOfTheHub();
    thread.kill(reason);
    expect(await outcomeOf(thread)).toEqual({ error: reason });
    expect(calls).toEqual({ next: 1, return: 1 });
  });

  it('on a kill that comes after the item and before the loop has it', async () => {
    const step = deferred<IteratorResult<string>>();
    const { calls, source } = counted(() => step.promise);
    const thread = spawn(() => [...iterate(source)]);
    await turnOfTheHub();
    step.resolve({ done: false, value: 'item' });
    for (let ticks = 0; ticks < 20; ticks += 1) await Promise.resolve();
    thread.kill();
    await outcomeOf(thread);
    expect([thread.state, calls.return]).toEqual(['killed', 1]);
  });

  it('on a kill while the body of the loop sleeps', async () => {
    const { calls, source } = counted(upTo(9));
    const inLoop = deferred();
    const thread = spawn(() => {
      for (const _ of iterate(source)) {
        inLoop.resolve(undefined);
        sleep(Infinity);
      }
    });
    await inLoop.promise;
    thread.kill();
    await outcomeOf(thread);
    expect([thread.state, calls]).toEqual(['killed', { next: 1, return: 1 }]);
  });

  it('on a Timeout while the loop waits for an item', async () => {
    const { calls, source } = counted(() => never());
    const isSame = await run(() => {
      const timeout = new Timeout(1);
      return Object.is(
        thrownBy(() => [...iterate(source)]),
        timeout,
      );
    });
    expect([isSame, calls]).toEqual([true, { next: 1, return: 1 }]);
  });

  it('on a kill while it waits for an item of a plain iterable of promises', async () => {
    let closed = 0;
    function* items() {
      try {
        yield never();
      } finally {
        closed += 1;
      }
    }
    const thread = spawn(() => [...iterate(items())]);
    await turnOfTheHub();
    thread.kill();
    await outcomeOf(thread);
    expect([thread.state, closed]).toEqual(['killed', 1]);
  });

  it('when an item of a plain iterable is a rejected promise', async () => {
    let closed = 0;
    const error = new Error('item');
    function* items() {
      try {
        yield Promise.reject(error);
      } finally {
        closed += 1;
      }
    }
    expect(await errorOf(() => [...iterate(items())])).toBe(error);
    expect(closed).toBe(1);
  });

  it('and waits until it is closed, when the loop is left by itself', async () => {
    const order: string[] = [];
    async function* items() {
      try {
        yield 1;
        yield 2;
      } finally {
        await delay(1);
        order.push('closed');
      }
    }
    await run(() => {
      for (const _ of iterate(items())) break;
      order.push('after the loop');
    });
    expect(order).toEqual(['closed', 'after the loop']);
  });

  it('and throws what closing throws on break', async () => {
    const error = new Error('closing');
    async function* items() {
      try {
        yield 1;
      } finally {
        await Promise.reject(error);
      }
    }
    expect(
      await errorOf(() => {
        for (const _ of iterate(items())) break;
      }),
    ).toBe(error);
  });

  it('and prefers the error of the loop to that of closing, as the language does', async () => {
    const error = new Error('loop');
    async function* items() {
      try {
        yield 1;
      } finally {
        await Promise.reject(new Error('closing'));
      }
    }
    expect(
      await errorOf(() => {
        for (const _ of iterate(items())) throw error;
      }),
    ).toBe(error);
  });

  it('runs the finally block of an async generator that was killed between items', async () => {
    const closed = deferred<string>();
    async function* items() {
      try {
        yield 1;
      } finally {
        closed.resolve('finally');
      }
    }
    const inLoop = deferred();
    const thread = spawn(() => {
      for (const _ of iterate(items())) {
        inLoop.resolve(undefined);
        sleep(Infinity);
      }
    });
    await inLoop.promise;
    thread.kill();
    expect(await closed.promise).toBe('finally');
    await outcomeOf(thread);
  });

  it('destroys a stream that is left early', async () => {
    const stream = Readable.from(['a', 'b', 'c']);
    await run(() => {
      for (const _ of iterate(stream)) break;
    });
    expect(stream.destroyed).toBe(true);
  });

  it('manages without return() in the source', async () => {
    const source = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: 1 }) }) };
    const seen = await run(() => {
      for (const n of iterate(source)) return n;
      return 0;
    });
    expect(seen).toBe(1);
  });
});
