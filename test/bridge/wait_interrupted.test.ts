// wait() that is interrupted by a timeout, an abort, a kill or a Timeout: the right error, and nothing left behind.
import { getHub } from 'verdant/hub';
import { GreenExit, type GreenThread, sleep, spawn, Timeout, wait } from 'verdant';
import { deferred, never } from './support/deferred';
import { abortListeners, errorOf, green, outcomeOf, thrownBy, turnOfTheHub } from './support/outcome';

describe('an interrupted wait', () => {
  it('throws TimeoutError, which names the call, when its timeout comes first', async () => {
    const error = await errorOf(() => wait(never(), { timeout: 1 }));
    expect(error).toMatchObject({ name: 'TimeoutError', code: 'ERR_VERDANT_TIMEOUT' });
    expect(error.message).toContain('wait()');
  });

  it.each([[new Error('reason')], ['text'], [null], [0]])('throws the reason of an abort, %p', async (reason) => {
    const controller = new AbortController();
    const outcome = outcomeOf(green(() => wait(never(), { signal: controller.signal })));
    await turnOfTheHub();
    controller.abort(reason);
    const ended = await outcome;
    expect('error' in ended && ended.error).toBe(reason);
  });

  it('throws the AbortError of an abort without a reason', async () => {
    const controller = new AbortController();
    const error = errorOf(() => wait(never(), { signal: controller.signal }));
    await turnOfTheHub();
    controller.abort();
    expect(await error).toBe(controller.signal.reason);
    expect(await error).toMatchObject({ name: 'AbortError' });
  });

  it('throws the reason of a signal that was aborted before', async () => {
    const reason = new Error('before');
    expect(await errorOf(() => wait(Promise.resolve(1), { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  it('throws the TimeoutError of AbortSignal.timeout()', async () => {
    const signal = AbortSignal.timeout(1);
    expect(await errorOf(() => wait(never(), { signal }))).toBe(signal.reason);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('throws the reason of a kill', async () => {
    const reason = new Error('killed');
    const thread = spawn(() => wait(never()));
    await turnOfTheHub();
    thread.kill(reason);
    const outcome = await outcomeOf(thread);
    expect('error' in outcome && outcome.error).toBe(reason);
    expect(thread.state).toBe('killed');
  });

  it('throws a Timeout of an outer scope, that very object', async () => {
    const seen = await green(() => {
      const timeout = new Timeout(1);
      return [
        Object.is(
          thrownBy(() => wait(never())),
          timeout,
        ),
        timeout.pending,
      ];
    });
    expect(seen).toEqual([true, false]);
  });

  it('leaves the promise as it is: it can be waited for again', async () => {
    const { promise, resolve } = deferred<string>();
    const value = green(() => {
      thrownBy(() => wait(promise, { timeout: 1 }));
      setImmediate(resolve, 'patience');
      return wait(promise);
    });
    expect(await value).toBe('patience');
  });

  it('is not followed by a wake-up when the promise settles late', async () => {
    const late = deferred<string>();
    const next = deferred<string>();
    const thread = spawn(() => {
      thrownBy(() => wait(late.promise, { timeout: 1 }));
      return wait(next.promise);
    });
    while (!(thread.state === 'suspended' && getHub().stats().timers === 0)) await turnOfTheHub();
    late.resolve('late');
    await turnOfTheHub();
    expect(thread.state).toBe('suspended');
    next.resolve('next');
    expect(await thread).toBe('next');
  });

  it('is not followed by an abort that comes after the value', async () => {
    const controller = new AbortController();
    const { promise, resolve } = deferred<string>();
    const thread = spawn(() => wait(promise, { signal: controller.signal }));
    await turnOfTheHub();
    resolve('value');
    await promise;
    await Promise.resolve();
    controller.abort(new Error('too late'));
    expect(await thread).toBe('value');
  });

  it('is not followed by a value that comes after the abort', async () => {
    const controller = new AbortController();
    const reason = new Error('first');
    const { promise, resolve } = deferred<string>();
    const thread = spawn(() => wait(promise, { signal: controller.signal }));
    await turnOfTheHub();
    controller.abort(reason);
    resolve('too late');
    expect(await outcomeOf(thread)).toEqual({ error: reason });
  });
});

describe('after a wait, however it ended,', () => {
  const reason = new Error('interrupted');
  type Ending = (thread: GreenThread, ends: { resolve: (v: string) => void; reject: (e: unknown) => void }) => void;
  const endings: [string, Ending][] = [
    ['by a value', (_, { resolve }) => resolve('value')],
    ['by a rejection', (_, { reject }) => reject(reason)],
    ['by a kill', (thread) => thread.kill()],
    ['by a kill with an error', (thread) => thread.kill(reason)],
  ];

  it.each(endings)('%s, nothing listens to its signal and its timer is gone', async (_, end) => {
    const { signal } = new AbortController();
    const source = deferred<string>();
    const thread = spawn(() => wait(source.promise, { signal, timeout: 60_000 }));
    await turnOfTheHub();
    expect([abortListeners(signal), getHub().stats().timers]).toEqual([1, 1]);
    end(thread, source);
    await outcomeOf(thread);
    expect([abortListeners(signal), getHub().stats().timers]).toEqual([0, 0]);
  });

  it('by its timeout, nothing listens to its signal', async () => {
    const { signal } = new AbortController();
    await errorOf(() => wait(never(), { signal, timeout: 1 }));
    expect([abortListeners(signal), getHub().stats().timers]).toEqual([0, 0]);
  });

  it('by an abort, nothing listens to its signal and its timer is gone', async () => {
    const controller = new AbortController();
    const thread = spawn(() => wait(never(), { signal: controller.signal, timeout: 60_000 }));
    await turnOfTheHub();
    controller.abort(reason);
    await outcomeOf(thread);
    expect([abortListeners(controller.signal), getHub().stats().timers]).toEqual([0, 0]);
  });

  it('by a Timeout of an outer scope, nothing listens to its signal and its timer is gone', async () => {
    const { signal } = new AbortController();
    await errorOf(() => {
      using _ = new Timeout(1);
      wait(never(), { signal, timeout: 60_000 });
    });
    expect([abortListeners(signal), getHub().stats().timers]).toEqual([0, 0]);
  });

  it('refused for an aborted signal, nothing listens to it', async () => {
    const signal = AbortSignal.abort(reason);
    await errorOf(() => wait(never(), { signal, timeout: 60_000 }));
    expect([abortListeners(signal), getHub().stats().timers]).toEqual([0, 0]);
  });

  it('a thousand times on one signal, no listener has piled up', async () => {
    const { signal } = new AbortController();
    await green(() => {
      for (let round = 0; round < 1000; round += 1) wait(Promise.resolve(round), { signal });
    });
    expect(abortListeners(signal)).toBe(0);
  });
});

describe('a killed wait', () => {
  it('runs the finally blocks of its thread, innermost first', async () => {
    const order: string[] = [];
    const thread = spawn(() => {
      try {
        try {
          wait(never());
        } finally {
          order.push('inner');
        }
      } finally {
        order.push('outer');
      }
    });
    await turnOfTheHub();
    thread.kill();
    await outcomeOf(thread);
    expect(order).toEqual(['inner', 'outer']);
  });

  it('meets a swallowed GreenExit again at the next wait', async () => {
    const caught: unknown[] = [];
    const thread = spawn(() => {
      caught.push(thrownBy(() => wait(never())));
      caught.push(thrownBy(() => wait(Promise.resolve())));
      sleep(0);
    });
    await turnOfTheHub();
    const reason = new GreenExit('enough');
    thread.kill(reason);
    expect(await outcomeOf(thread)).toEqual({ error: reason });
    expect(caught).toEqual([reason, reason]);
  });

  it('may wait in its finally block when the reason is an error of the killer', async () => {
    const reason = new Error('stop');
    const closed = deferred<string>();
    let seen: unknown;
    const thread = spawn(() => {
      try {
        wait(never());
      } finally {
        seen = wait(closed.promise);
      }
    });
    await turnOfTheHub();
    thread.kill(reason);
    await turnOfTheHub();
    closed.resolve('closed');
    expect(await outcomeOf(thread)).toEqual({ error: reason });
    expect(seen).toBe('closed');
  });
});
