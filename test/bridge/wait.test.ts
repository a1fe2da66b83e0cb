// wait(): suspends one green thread until a promise, thenable or green thread settles, and gives its outcome.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { getCurrent, sleep, spawn, wait } from 'verdant';
import { deferred } from './support/deferred';
import { errorOf, green, outcomeOf, thrownBy } from './support/outcome';

describe('wait on promises', () => {
  it('returns what a pending promise is fulfilled with', async () => {
    await expect(green(() => wait(delay(1, 'late')))).resolves.toBe('late');
  });

  it('throws the very object a pending promise is rejected with', async () => {
    const error = new Error('late');
    expect(await errorOf(() => wait(delay(1).then(() => Promise.reject(error))))).toBe(error);
  });

  it('returns what a promise was fulfilled with before', async () => {
    const settled = Promise.resolve('early');
    await settled;
    await expect(green(() => wait(settled))).resolves.toBe('early');
  });

  it('throws what a promise was rejected with before', async () => {
    const error = new Error('early');
    const settled = Promise.reject<number>(error);
    await outcomeOf(settled);
    expect(await errorOf(() => wait(settled))).toBe(error);
  });

  it.each([[undefined], [null], [0], [-0], [NaN], [''], [false], [Symbol.iterator]])(
    'returns %p exactly as it is',
    async (value) => {
      await expect(green(() => Object.is(wait(Promise.resolve(value)), value))).resolves.toBe(true);
    },
  );

  it.each([[undefined], [null], [0], [NaN], [''], [false], ['reason'], [Symbol.iterator]])(
    'throws the reason %p, no Error, exactly as it is',
    async (reason) => {
      expect(await errorOf(() => wait(Promise.reject(reason)))).toBe(reason);
    },
  );

  it('suspends even on a settled promise: those who are ready run first', async () => {
    const order: string[] = [];
    const settled = Promise.resolve();
    const first = spawn(() => {
      order.push('before');
      wait(settled);
      order.push('after');
    });
    spawn(() => order.push('other'));
    await first;
    expect(order).toEqual(['before', 'other', 'after']);
  });

  it('unwraps a promise of a promise', async () => {
    await expect(green(() => wait(Promise.resolve(Promise.resolve(7))))).resolves.toBe(7);
  });

  it('may be called again and again on one promise', async () => {
    const { promise, resolve } = deferred<object>();
    const value = {};
    const sum = green(() => [wait(promise), wait(promise), wait(promise)]);
    resolve(value);
    expect(await sum).toEqual([value, value, value]);
  });

  it('waits for a subclass of Promise, by its own then, once', async () => {
    let calls = 0;
    class Counted<T> extends Promise<T> {
      override then<A = T, B = never>(
        onfulfilled?: ((value: T) => A | PromiseLike<A>) | null,
        onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
      ): Promise<A | B> {
        calls += 1;
        return super.then(onfulfilled, onrejected);
      }
    }
    const counted = Counted.resolve('subclass');
    await expect(green(() => wait(counted))).resolves.toBe('subclass');
    expect(calls).toBe(1);
  });

  it('waits for a promise of another realm', async () => {
    const foreign = runInNewContext('new Promise((resolve) => resolve("foreign"))') as Promise<string>;
    expect(foreign).not.toBeInstanceOf(Promise);
    await expect(green(() => wait(foreign))).resolves.toBe('foreign');
  });

  it('throws the very error of a promise of another realm', async () => {
    const foreign = runInNewContext('const error = new Error("x"); ({ error, promise: Promise.reject(error) })') as {
      error: Error;
      promise: Promise<never>;
    };
    await outcomeOf(foreign.promise);
    expect(await errorOf(() => wait(foreign.promise))).toBe(foreign.error);
  });

  it('wakes a thousand waiters of one promise in the order in which they came', async () => {
    const { promise, resolve } = deferred<number>();
    const order: number[] = [];
    const threads = Array.from({ length: 1000 }, (_, index) =>
      spawn(() => {
        const value = wait(promise);
        order.push(index);
        return value + index;
      }),
    );
    spawn(() => resolve(1));
    expect(await Promise.all(threads)).toEqual(threads.map((_, index) => index + 1));
    expect(order).toEqual(threads.map((_, index) => index));
  });

  it('throws the same object to all waiters of one promise', async () => {
    const { promise, reject } = deferred();
    const error = new Error('shared');
    const threads = Array.from({ length: 100 }, () => spawn(() => wait(promise)));
    spawn(() => reject(error));
    const outcomes = await Promise.all(threads.map(outcomeOf));
    expect(outcomes.every((outcome) => 'error' in outcome && outcome.error === error)).toBe(true);
  });

  it('keeps nobody else: green threads, timers and promises go on meanwhile', async () => {
    const { promise, resolve } = deferred<string>();
    const waiting = spawn(() => wait(promise));
    await spawn(() => sleep(1));
    await delay(1);
    await Promise.resolve();
    expect(waiting.state).toBe('suspended');
    resolve('done');
    expect(await waiting).toBe('done');
  });
});

describe('wait on green threads', () => {
  it('returns the value of a green thread', async () => {
    await expect(
      green(() =>
        wait(
          spawn(() => {
            sleep(1);
            return 'child';
          }),
        ),
      ),
    ).resolves.toBe('child');
  });

  it('throws the very error of a green thread', async () => {
    const error = new Error('child');
    expect(
      await errorOf(() =>
        wait(
          spawn(() => {
            throw error;
          }),
        ),
      ),
    ).toBe(error);
  });

  it('refuses the running green thread itself', async () => {
    expect(await errorOf(() => wait(getCurrent()))).toMatchObject({ code: 'ERR_VERDANT_DEADLOCK' });
  });
});

describe('wait on what is not awaitable', () => {
  const values = [42, 'text', null, undefined, true, Symbol('s'), [1], { then: 1 }, { a: 1 }, () => 1, new Map()];

  it.each(values.map((value) => [value]))('returns %p as it is, without suspending', async (value) => {
    const seen = await green(() => {
      let otherRan = false;
      spawn(() => {
        otherRan = true;
      });
      return [wait(value) === value, otherRan];
    });
    expect(seen).toEqual([true, false]);
  });
});

describe('wait outside a green thread', () => {
  const refusal = { name: 'NotGreenError', code: 'ERR_VERDANT_NOT_GREEN' };

  it('throws NotGreenError, which names the call and the remedies', () => {
    const error = thrownBy(() => wait(Promise.resolve()));
    expect(error).toMatchObject(refusal);
    expect(error.message).toMatch(/^wait\(\)/);
    expect(error.message).toMatch(/spawn/);
    expect(error.message).toMatch(/await/);
  });

  it('refuses a value too: the mistake shows at the first call, not at the first promise', () => {
    expect(thrownBy(() => wait(42))).toMatchObject(refusal);
  });

  it('refuses in a timer', async () => {
    const error = await new Promise((resolve) => setTimeout(() => resolve(thrownBy(() => wait(Promise.resolve()))), 0));
    expect(error).toMatchObject(refusal);
  });

  it('refuses in an async function that a green thread called, after its first await', async () => {
    const work = async (): Promise<unknown> => {
      await Promise.resolve();
      return thrownBy(() => wait(Promise.resolve()));
    };
    expect(await green(() => wait(work()))).toMatchObject(refusal);
  });

  it('is allowed in an async function that a green thread called, before its first await', async () => {
    const work = async (): Promise<string> => wait(delay(1, 'on the caller'));
    await expect(green(() => wait(work()))).resolves.toBe('on the caller');
  });

  it('refuses in a microtask that a green thread queued', async () => {
    const { promise, resolve } = deferred();
    await green(() => queueMicrotask(() => resolve(thrownBy(() => wait(Promise.resolve())))));
    expect(await promise).toMatchObject(refusal);
  });

  it('refuses in a link', async () => {
    const { promise, resolve } = deferred();
    spawn(() => undefined).link(() => resolve(thrownBy(() => wait(Promise.resolve()))));
    expect(await promise).toMatchObject(refusal);
  });
});

describe("wait's options", () => {
  it.each([
    ['a negative timeout', { timeout: -1 }, 'ERR_OUT_OF_RANGE'],
    ['a timeout that is NaN', { timeout: NaN }, 'ERR_OUT_OF_RANGE'],
    ['a timeout that is no number', { timeout: '5' }, 'ERR_INVALID_ARG_TYPE'],
    ['a signal that is none', { signal: {} }, 'ERR_INVALID_ARG_TYPE'],
    ['no object', 5, 'ERR_INVALID_ARG_TYPE'],
    ['null', null, 'ERR_INVALID_ARG_TYPE'],
  ])('refuse %s', async (_, options, code) => {
    expect(await errorOf(() => wait(Promise.resolve(), options as never))).toMatchObject({ code });
  });
});

describe('AsyncLocalStorage and wait', () => {
  it('keeps the stores of the waiting thread, not those of whoever settles the promise', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { promise, resolve } = deferred<string>();
    const waiting = storage.run('waiter', () => green(() => [wait(promise), storage.getStore()]));
    storage.run('settler', () => spawn(() => resolve('value')));
    expect(await waiting).toEqual(['value', 'waiter']);
  });

  it('keeps the stores when the promise is rejected', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { promise, reject } = deferred();
    const waiting = storage.run('waiter', () =>
      green(() => {
        thrownBy(() => wait(promise));
        return storage.getStore();
      }),
    );
    storage.run('settler', () => spawn(() => reject(new Error('x'))));
    expect(await waiting).toBe('waiter');
  });
});
