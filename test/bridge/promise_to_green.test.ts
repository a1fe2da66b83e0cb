// promiseToGreen(): a green thread that ends as async work does, and whose early end, for any reason, aborts the work.
import { setTimeout as delay } from 'node:timers/promises';
import { getCurrent, GreenExit, GreenThread, promiseToGreen, run, sleep, spawn, Timeout, wait } from 'verdant';
import { deferred, never } from './support/deferred';
import { abortListeners, outcomeOf, thrownBy, turnOfTheHub } from './support/outcome';

describe('promiseToGreen of a promise', () => {
  it('makes a green thread whose value is that of the promise', async () => {
    const thread = promiseToGreen(delay(1, 'value'));
    expect(thread).toBeInstanceOf(GreenThread);
    expect(await run(() => thread.wait())).toBe('value');
    expect([thread.state, thread.value]).toEqual(['done', 'value']);
  });

  it('ends with the very error of the promise', async () => {
    const error = new Error('x');
    const thread = promiseToGreen(Promise.reject(error));
    expect(
      await run(() =>
        Object.is(
          thrownBy(() => thread.wait()),
          error,
        ),
      ),
    ).toBe(true);
    expect([thread.state, thread.error]).toEqual(['failed', error]);
  });

  it('takes a thenable', async () => {
    expect(await promiseToGreen({ then: (fulfil: (value: string) => void) => fulfil('thenable') } as never)).toBe(
      'thenable',
    );
  });

  it('takes another green thread', async () => {
    expect(await promiseToGreen(spawn(() => 'green'))).toBe('green');
  });

  it('is a thread that can be linked, joined, named and waited for by many', async () => {
    const source = deferred<string>();
    const thread = promiseToGreen(source.promise, { name: 'bridge' });
    const linked = new Promise((resolve) => thread.link((ended) => resolve(ended === thread)));
    const waiters = Array.from({ length: 50 }, () => run(() => thread.wait()));
    const joined = run(() => thread.join());
    await turnOfTheHub();
    source.resolve('all');
    expect(await Promise.all(waiters)).toEqual(waiters.map(() => 'all'));
    expect([await linked, await joined, thread.name]).toEqual([true, true, 'bridge']);
  });

  it('never starts when it is killed before its turn', async () => {
    const thread = promiseToGreen(never());
    thread.kill();
    expect(await outcomeOf(thread)).toEqual({ error: expect.objectContaining({ code: 'ERR_VERDANT_KILLED' }) });
    expect(thread.started).toBe(false);
  });
});

describe('promiseToGreen of a function', () => {
  it('calls it on the green thread, at its turn, with a signal', async () => {
    const calls: unknown[] = [];
    const thread = promiseToGreen(async (signal) => {
      calls.push(getCurrent() === thread, signal instanceof AbortSignal, signal.aborted);
      return 'value';
    });
    expect(calls).toEqual([]);
    expect(await thread).toBe('value');
    expect(calls).toEqual([true, true, false]);
  });

  it('takes one that returns no promise', async () => {
    expect(await promiseToGreen(() => 5)).toBe(5);
  });

  it('ends with what it throws', async () => {
    const error = new Error('sync');
    const thread = promiseToGreen(() => {
      throw error;
    });
    expect(await outcomeOf(thread)).toEqual({ error });
  });

  it('leaves the signal alone when the work is done', async () => {
    let given!: AbortSignal;
    const thread = promiseToGreen(async (signal) => {
      given = signal;
    });
    await thread;
    thread.kill();
    await turnOfTheHub();
    expect(given.aborted).toBe(false);
  });

  it('leaves the signal alone when the work fails', async () => {
    let given!: AbortSignal;
    const thread = promiseToGreen(async (signal) => {
      given = signal;
      throw new Error('x');
    });
    await outcomeOf(thread);
    expect(given.aborted).toBe(false);
  });

  const reasons: [string, unknown][] = [
    ['GreenExit', new GreenExit()],
    ['an error', new Error('any')],
    ['a TypeError', new TypeError('any')],
    ['an AbortError', new DOMException('any', 'AbortError')],
    ['a string', 'any'],
    ['null', null],
  ];

  it.each(reasons)('aborts the signal with the reason of a kill, %s', async (_, reason) => {
    let given!: AbortSignal;
    const thread = promiseToGreen((signal) => {
      given = signal;
      return never();
    });
    await turnOfTheHub();
    thread.kill(reason);
    const outcome = await outcomeOf(thread);
    expect('error' in outcome && outcome.error).toBe(reason);
    expect([given.aborted, given.reason]).toEqual([true, reason]);
  });

  it('aborts the signal with undefined when that is the reason of a kill', async () => {
    let given!: AbortSignal;
    const thread = promiseToGreen((signal) => {
      given = signal;
      return never();
    });
    await turnOfTheHub();
    thread.kill(undefined);
    await outcomeOf(thread);
    expect(given.aborted).toBe(true);
    expect(given.reason).toBe(thread.error);
  });

  it('aborts the signal when a Timeout ends the green thread', async () => {
    let given!: AbortSignal;
    let timeout!: Timeout;
    const thread = promiseToGreen((signal) => {
      given = signal;
      timeout = new Timeout(1);
      return never();
    });
    expect(await outcomeOf(thread)).toEqual({ error: timeout });
    expect(given.reason).toBe(timeout);
  });

  it('aborts the signal with the reason of its own signal option', async () => {
    const controller = new AbortController();
    const reason = new Error('abort');
    let given!: AbortSignal;
    const thread = promiseToGreen(
      (signal) => {
        given = signal;
        return never();
      },
      { signal: controller.signal },
    );
    await turnOfTheHub();
    controller.abort(reason);
    expect(await outcomeOf(thread)).toEqual({ error: reason });
    expect(given.reason).toBe(reason);
    expect(abortListeners(controller.signal)).toBe(0);
  });

  it('aborts the signal once, however often it is killed', async () => {
    let aborts = 0;
    const thread = promiseToGreen((signal) => {
      signal.addEventListener('abort', () => {
        aborts += 1;
      });
      return never();
    });
    await turnOfTheHub();
    const first = new Error('first');
    thread.kill(first);
    thread.kill(new Error('second'));
    expect(await outcomeOf(thread)).toEqual({ error: first });
    thread.kill(new Error('third'));
    await turnOfTheHub();
    expect(aborts).toBe(1);
  });

  it('is not called when the thread is killed before its start', async () => {
    let called = false;
    const thread = promiseToGreen(async () => {
      called = true;
    });
    expect(thread.cancel()).toBe(true);
    await outcomeOf(thread);
    expect(called).toBe(false);
  });

  it('is not called when its signal option is aborted before', async () => {
    let called = false;
    const reason = new Error('before');
    const thread = promiseToGreen(
      async () => {
        called = true;
      },
      { signal: AbortSignal.abort(reason) },
    );
    expect(await outcomeOf(thread)).toEqual({ error: reason });
    expect(called).toBe(false);
  });

  it('does not abort the signal with abortOnKill: false', async () => {
    let given!: AbortSignal;
    const thread = promiseToGreen(
      (signal) => {
        given = signal;
        return never();
      },
      { abortOnKill: false },
    );
    await turnOfTheHub();
    thread.kill();
    await outcomeOf(thread);
    expect(given.aborted).toBe(false);
  });

  it('may heed the signal as Node does: its rejection after the kill goes nowhere', async () => {
    let rejected: unknown;
    const thread = promiseToGreen((signal) =>
      delay(60_000, 'never', { signal }).catch((error: unknown) => {
        rejected = error;
        throw error;
      }),
    );
    await turnOfTheHub();
    thread.kill();
    await outcomeOf(thread);
    await turnOfTheHub();
    expect(rejected).toMatchObject({ name: 'AbortError', cause: thread.error });
  });

  it('does not stop the other listeners when an abort listener of the work throws', async () => {
    const order: string[] = [];
    const thread = promiseToGreen((signal) => {
      signal.addEventListener('abort', () => order.push('first'));
      signal.addEventListener('abort', () => order.push('second'));
      return never();
    });
    await turnOfTheHub();
    thread.kill();
    await outcomeOf(thread);
    expect(order).toEqual(['first', 'second']);
  });

  it('may block before it returns its promise', async () => {
    const thread = promiseToGreen(() => {
      sleep(1);
      return delay(1, 'slept');
    });
    expect(await thread).toBe('slept');
  });

  it('aborts the signal when it is killed while it blocks', async () => {
    let given!: AbortSignal;
    const thread = promiseToGreen((signal) => {
      given = signal;
      sleep(60_000);
    });
    await turnOfTheHub();
    thread.kill();
    await outcomeOf(thread);
    expect(given.reason).toBe(thread.error);
  });

  it('is a scope with using: leaving it ends the work', async () => {
    let given!: AbortSignal;
    const seen = await run(() => {
      {
        using thread = promiseToGreen((signal) => {
          given = signal;
          return never();
        });
        thrownBy(() => thread.wait({ timeout: 1 }));
      }
      return given.aborted;
    });
    expect(seen).toBe(true);
  });
});

describe("promiseToGreen's arguments", () => {
  it.each([[undefined], [null], [42], ['text'], [{}], [[]]])('refuse the source %p', (source) => {
    expect(thrownBy(() => promiseToGreen(source as never))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  });

  it('refuse a signal that is none', () => {
    expect(thrownBy(() => promiseToGreen(Promise.resolve(), { signal: 'x' as never }))).toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
    });
  });

  it('may be used from plain, async and green code alike', async () => {
    const fromPlain = promiseToGreen(Promise.resolve('plain'));
    const fromGreen = run(() => promiseToGreen(Promise.resolve('green')).wait());
    expect([await fromPlain, await fromGreen]).toEqual(['plain', 'green']);
    expect(await run(() => wait(promiseToGreen(async () => 'waited')))).toBe('waited');
  });
});
