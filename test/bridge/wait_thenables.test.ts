// wait() on thenables that misbehave: it ends as `await` ends, once, and nothing they do later reaches the green thread.
import * as fc from 'fast-check';
import { asyncToGreen, blocking, getCurrent, greenToAsync, iterate, promiseToGreen, sleep, spawn, wait } from 'verdant';
import { deferred } from './support/deferred';
import { errorOf, green, outcomeOf, thrownBy, turnOfTheHub, type Outcome } from './support/outcome';

type Settle = (value?: unknown) => void;

function thenable(then: (this: PromiseLike<unknown>, fulfil: Settle, reject: Settle) => void): PromiseLike<unknown> {
  return { then } as PromiseLike<unknown>;
}

const oops = new Error('oops');

describe('wait on a thenable', () => {
  it('returns what it calls back with, synchronously', async () => {
    await expect(green(() => wait(thenable((fulfil) => fulfil('now'))))).resolves.toBe('now');
  });

  it('returns what it calls back with, later', async () => {
    await expect(green(() => wait(thenable((fulfil) => setImmediate(fulfil, 'later'))))).resolves.toBe('later');
  });

  it('throws what it rejects with', async () => {
    expect(await errorOf(() => wait(thenable((_, reject) => reject(oops))))).toBe(oops);
  });

  it('takes the first of two values', async () => {
    const twice = thenable((fulfil) => {
      fulfil(1);
      fulfil(2);
    });
    await expect(green(() => wait(twice))).resolves.toBe(1);
  });

  it('takes a value before a rejection', async () => {
    const both = thenable((fulfil, reject) => {
      fulfil('value');
      reject(oops);
    });
    await expect(green(() => wait(both))).resolves.toBe('value');
  });

  it('takes a rejection before a value', async () => {
    const both = thenable((fulfil, reject) => {
      reject(oops);
      fulfil('value');
    });
    expect(await errorOf(() => wait(both))).toBe(oops);
  });

  it('is not woken from a later wait by a second call', async () => {
    let again: Settle = () => undefined;
    const { promise, resolve } = deferred<string>();
    const thread = spawn(() => {
      const first = wait(
        thenable((fulfil) => {
          again = fulfil;
          fulfil('first');
        }),
      );
      return [first, wait(promise)];
    });
    await turnOfTheHub();
    again('again');
    await turnOfTheHub();
    expect(thread.dead).toBe(false);
    resolve('second');
    expect(await thread).toEqual(['first', 'second']);
  });

  it('throws what `then` throws before it has called back', async () => {
    const bad = thenable(() => {
      throw oops;
    });
    expect(await errorOf(() => wait(bad))).toBe(oops);
  });

  it('ignores what `then` throws after it has called back', async () => {
    const bad = thenable((fulfil) => {
      fulfil('value');
      throw oops;
    });
    await expect(green(() => wait(bad))).resolves.toBe('value');
  });

  it('throws what the getter of `then` throws', async () => {
    const bad = Object.defineProperty({}, 'then', {
      get() {
        throw oops;
      },
    });
    expect(await errorOf(() => wait(bad))).toBe(oops);
  });

  it('can be given up when it never calls back', async () => {
    const silent = thenable(() => undefined);
    expect(await errorOf(() => wait(silent, { timeout: 1 }))).toMatchObject({ code: 'ERR_VERDANT_TIMEOUT' });
  });

  it('throws a TypeError for a promise that is resolved with itself', async () => {
    const error = await errorOf(() => {
      const own = deferred();
      own.resolve(own.promise);
      return wait(own.promise);
    });
    expect(error).toMatchObject({ name: 'TypeError' });
  });

  it('can be given up when it resolves with itself for ever', async () => {
    let calls = 0;
    let ended = false;
    const circular = thenable(function (fulfil) {
      calls += 1;
      setImmediate(() => {
        if (!ended) fulfil(this);
      });
    });
    const error = await errorOf(() => wait(circular, { timeout: 10 }));
    ended = true;
    expect(error).toMatchObject({ code: 'ERR_VERDANT_TIMEOUT' });
    expect(calls).toBeGreaterThan(1);
  });

  it('unwraps thenables nested a thousand deep', async () => {
    let nested: unknown = 'core';
    for (let depth = 0; depth < 1000; depth += 1) {
      const inner = nested;
      nested = thenable((fulfil) => fulfil(inner));
    }
    await expect(green(() => wait(nested))).resolves.toBe('core');
  });

  it('does not unwrap a reason', async () => {
    const reason = thenable((fulfil) => fulfil('unwrapped'));
    const thrown = await green(() => [thrownBy(() => wait(thenable((_, reject) => reject(reason))))]);
    expect(thrown[0]).toBe(reason);
  });

  it('may be a function', async () => {
    const callable = Object.assign(() => 'called', { then: (fulfil: Settle) => fulfil('awaited') });
    await expect(green(() => wait(callable))).resolves.toBe('awaited');
  });

  it('is called on itself, on no green thread', async () => {
    const seen: unknown[] = [];
    const curious = thenable(function (fulfil) {
      seen.push(this === curious, getCurrent());
      fulfil();
    });
    await green(() => wait(curious));
    expect(seen).toEqual([true, null]);
  });

  it('cannot block in `then`', async () => {
    const blocked = thenable((fulfil) => {
      sleep(0);
      fulfil('slept');
    });
    expect(await errorOf(() => wait(blocked))).toMatchObject({ code: 'ERR_VERDANT_NOT_GREEN' });
  });
});

describe('wait on a native promise that was tampered with', () => {
  // `await` looks at what the promise settles to, and at no `then` of its own.
  function tampered(then: (fulfil: Settle, reject: Settle) => void): Promise<string> {
    return Object.assign(Promise.resolve('native'), { then: then as never });
  }

  it.each<[string, (fulfil: Settle, reject: Settle) => void]>([
    ['calls back at once', (fulfil) => fulfil('own')],
    [
      'calls back twice',
      (fulfil) => {
        fulfil('own');
        fulfil('again');
      },
    ],
    [
      'throws',
      () => {
        throw oops;
      },
    ],
    [
      'calls back, then throws',
      (fulfil) => {
        fulfil('own');
        throw oops;
      },
    ],
  ])('ends as await does when its own `then` %s, and the thread goes on', async (_, then) => {
    const awaited = await outcomeOf((async () => await tampered(then))());
    const waited = await green(() => {
      let outcome: Outcome;
      try {
        outcome = { value: wait(tampered(then)) };
      } catch (error) {
        outcome = { error };
      }
      const { promise, resolve } = deferred<string>();
      setImmediate(resolve, 'undisturbed');
      return { outcome, next: wait(promise) };
    });
    expect(waited).toEqual({ outcome: awaited, next: 'undisturbed' });
  });

  it('throws what reading its constructor throws, and the thread goes on', async () => {
    const promise = Object.defineProperty(Promise.resolve(), 'constructor', {
      get() {
        throw oops;
      },
    });
    const seen = await green(() => {
      let error: unknown;
      try {
        wait(promise);
      } catch (thrown) {
        error = thrown;
      }
      sleep(1);
      return error;
    });
    expect(seen).toBe(oops);
  });
});

describe('a lazy thenable, which starts its work when `then` is called', () => {
  // So do query builders: a second call runs the query a second time.
  it.each<[string, (lazy: PromiseLike<string>) => unknown]>([
    ['await of a green thread that returns it', (lazy) => spawn(() => lazy)],
    ['wait', (lazy) => green(() => wait(lazy))],
    ['promiseToGreen of it', (lazy) => promiseToGreen(lazy)],
    ['promiseToGreen of a function that returns it', (lazy) => promiseToGreen(() => lazy)],
    ['asyncToGreen', (lazy) => green(asyncToGreen(() => lazy))],
    ['greenToAsync', (lazy) => greenToAsync(() => lazy)()],
    ['blocking', (lazy) => green(() => blocking({ query: () => lazy }).query())],
    ['iterate', (lazy) => green(() => [...iterate([lazy])][0])],
  ])('works once under %s', async (_, bridge) => {
    let started = 0;
    const lazy = thenable((fulfil) => {
      started += 1;
      setImmediate(fulfil, 'rows');
    }) as PromiseLike<string>;
    await expect(bridge(lazy)).resolves.toBe('rows');
    expect(started).toBe(1);
  });
});

describe('any thenable', () => {
  type Step = { do: 'fulfil' | 'reject'; with: Value } | { do: 'throw' } | { do: 'later'; steps: Step[] };
  type Value = { plain: number } | { nested: Step[] };

  const { steps } = fc.letrec<{ steps: Step[]; value: Value }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, fc.record({ plain: fc.nat(9) }), fc.record({ nested: tie('steps') })),
    steps: fc.array(
      fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.record({ do: fc.constantFrom('fulfil' as const, 'reject' as const), with: tie('value') }),
        fc.record({ do: fc.constant('throw' as const) }),
        fc.record({ do: fc.constant('later' as const), steps: tie('steps') }),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  }));

  function build(plan: Step[], made: Map<Step[], PromiseLike<unknown>>): PromiseLike<unknown> {
    const existing = made.get(plan);
    if (existing !== undefined) return existing;
    const valueOf = (value: Value): unknown => ('plain' in value ? value.plain : build(value.nested, made));
    const play = (all: Step[], fulfil: Settle, reject: Settle): void => {
      for (const step of all) {
        if (step.do === 'fulfil') fulfil(valueOf(step.with));
        else if (step.do === 'reject') reject(valueOf(step.with));
        else if (step.do === 'throw') throw oops;
        else if (step.do === 'later') later(step.steps, fulfil, reject);
      }
    };
    const later = (all: Step[], fulfil: Settle, reject: Settle): void => {
      setImmediate(() => {
        try {
          play(all, fulfil, reject);
        } catch {
          fulfil('thrown later');
        }
      });
    };
    // Whatever the plan says, it ends: the last word is a fulfilment.
    const whole = thenable((fulfil, reject) => {
      setImmediate(() => setImmediate(() => setImmediate(() => setImmediate(fulfil, 'last'))));
      play(plan, fulfil, reject);
    });
    made.set(plan, whole);
    return whole;
  }

  it('ends under wait as it ends under await', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const made = new Map<Step[], PromiseLike<unknown>>();
        const subject = build(plan, made);
        const awaited = await outcomeOf((async () => await subject)());
        const waited = await outcomeOf(green(() => wait(subject)));
        if ('value' in awaited) expect(waited).toEqual(awaited);
        else expect('error' in waited && waited.error).toBe(awaited.error);
      }),
      { numRuns: 200 },
    );
  });
});
