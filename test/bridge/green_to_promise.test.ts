// greenToPromise(): the outcome of a green thread as a promise that an AbortSignal can end, and the thread with it.
import { greenToPromise, run, sleep, spawn, wait } from 'verdant';
import { deferred, never } from './support/deferred';
import { abortListeners, outcomeOf, thrownBy, turnOfTheHub } from './support/outcome';

describe('greenToPromise', () => {
  it('is fulfilled with the value of the thread', async () => {
    const promise = greenToPromise(spawn(() => 'value'));
    expect(promise).toBeInstanceOf(Promise);
    expect(await promise).toBe('value');
  });

  it('is rejected with the very error of the thread', async () => {
    const error = new Error('x');
    const thread = spawn(() => {
      throw error;
    });
    expect(await outcomeOf(greenToPromise(thread))).toEqual({ error });
  });

  it('is rejected with the reason of a kill', async () => {
    const reason = new Error('x');
    const thread = spawn(() => sleep(Infinity));
    const outcome = outcomeOf(greenToPromise(thread, { signal: new AbortController().signal }));
    thread.kill(reason);
    expect(await outcome).toEqual({ error: reason });
  });

  it('takes a thread that has ended', async () => {
    const thread = spawn(() => 'ended');
    await thread;
    expect(await greenToPromise(thread, { signal: new AbortController().signal })).toBe('ended');
  });

  it('is rejected with the reason of an abort, at once, and kills the thread with it', async () => {
    const controller = new AbortController();
    const reason = new Error('abort');
    const thread = spawn(() => wait(never()));
    const outcome = outcomeOf(greenToPromise(thread, { signal: controller.signal }));
    await turnOfTheHub();
    controller.abort(reason);
    expect(await outcome).toEqual({ error: reason });
    await turnOfTheHub();
    expect([thread.state, thread.error]).toEqual(['killed', reason]);
  });

  it('lets the finally blocks of the thread run on abort', async () => {
    const controller = new AbortController();
    const closed = deferred<string>();
    const thread = spawn(() => {
      try {
        wait(never());
      } finally {
        closed.resolve('closed');
      }
    });
    const outcome = outcomeOf(greenToPromise(thread, { signal: controller.signal }));
    await turnOfTheHub();
    controller.abort(new Error('abort'));
    await outcome;
    expect(await closed.promise).toBe('closed');
  });

  it('is rejected when the signal is aborted before, and the thread never starts', async () => {
    const reason = new Error('before');
    const thread = spawn(() => 'never');
    expect(await outcomeOf(greenToPromise(thread, { signal: AbortSignal.abort(reason) }))).toEqual({ error: reason });
    await turnOfTheHub();
    expect([thread.started, thread.state]).toEqual([false, 'killed']);
  });

  it('leaves the thread running with killOnAbort: false', async () => {
    const controller = new AbortController();
    const source = deferred<string>();
    const reason = new Error('abort');
    const thread = spawn(() => wait(source.promise));
    const outcome = outcomeOf(greenToPromise(thread, { signal: controller.signal, killOnAbort: false }));
    await turnOfTheHub();
    controller.abort(reason);
    expect(await outcome).toEqual({ error: reason });
    source.resolve('went on');
    expect(await thread).toBe('went on');
  });

  it('is ended by an abort from inside of the thread, which is killed at its next suspension', async () => {
    const controller = new AbortController();
    const reason = new Error('from inside');
    const phases: number[] = [];
    const thread = spawn(() => {
      phases.push(1);
      controller.abort(reason);
      phases.push(2);
      sleep(0);
      phases.push(3);
    });
    expect(await outcomeOf(greenToPromise(thread, { signal: controller.signal }))).toEqual({ error: reason });
    await turnOfTheHub();
    expect(phases).toEqual([1, 2]);
    expect([thread.state, thread.error]).toEqual(['killed', reason]);
  });

  it('ignores an abort after the end', async () => {
    const controller = new AbortController();
    const promise = greenToPromise(
      spawn(() => 'value'),
      { signal: controller.signal },
    );
    await promise;
    controller.abort();
    expect(await promise).toBe('value');
  });

  it.each<[string, () => unknown]>([
    ['a value', () => 'value'],
    [
      'an error',
      () => {
        throw new Error('x');
      },
    ],
  ])('has left no listener on its signal after %s', async (_, fn) => {
    const { signal } = new AbortController();
    await outcomeOf(greenToPromise(spawn(fn), { signal }));
    expect(abortListeners(signal)).toBe(0);
  });

  it('has left no listener on its signal after an abort', async () => {
    const controller = new AbortController();
    const thread = spawn(() => sleep(Infinity));
    const outcome = outcomeOf(greenToPromise(thread, { signal: controller.signal }));
    controller.abort();
    await outcome;
    await outcomeOf(thread);
    await turnOfTheHub();
    expect(abortListeners(controller.signal)).toBe(0);
  });

  it('may be asked for many times with signals of their own', async () => {
    const first = new AbortController();
    const second = new AbortController();
    const source = deferred<string>();
    const thread = spawn(() => wait(source.promise));
    const one = outcomeOf(greenToPromise(thread, { signal: first.signal, killOnAbort: false }));
    const two = outcomeOf(greenToPromise(thread, { signal: second.signal }));
    first.abort('one');
    expect(await one).toEqual({ error: 'one' });
    source.resolve('value');
    expect(await two).toEqual({ value: 'value' });
  });

  it('refuses what is no green thread, and a signal that is none', async () => {
    const code = 'ERR_INVALID_ARG_TYPE';
    expect(thrownBy(() => greenToPromise(Promise.resolve() as never))).toMatchObject({ code });
    const thread = spawn(() => undefined);
    expect(thrownBy(() => greenToPromise(thread, { signal: 1 as never }))).toMatchObject({ code });
    await thread;
  });
});

describe('a green thread is a thenable', () => {
  it('can be awaited, and gives its value or its very error', async () => {
    const error = new Error('x');
    expect(
      await spawn(() => {
        sleep(1);
        return 'value';
      }),
    ).toBe('value');
    expect(
      await outcomeOf(
        spawn(() => {
          sleep(1);
          throw error;
        }),
      ),
    ).toEqual({ error });
  });

  it('can be awaited by many, during and after its life', async () => {
    const thread = spawn(() => {
      sleep(1);
      return {};
    });
    const during = await Promise.all(Array.from({ length: 100 }, async () => await thread));
    const after = await Promise.all(Array.from({ length: 100 }, async () => await thread));
    expect(new Set([...during, ...after, thread.value]).size).toBe(1);
  });

  it('gives the same error object to waiters, awaiters and links', async () => {
    const error = new Error('x');
    const thread = spawn(() => {
      sleep(1);
      throw error;
    });
    const linked = new Promise((resolve) => thread.link(({ error: seen }) => resolve(seen)));
    const waited = run(() => [thrownBy(() => thread.wait()), thrownBy(() => wait(thread))]);
    const awaited = await outcomeOf(thread);
    expect([await linked, ...(await waited), awaited]).toEqual([error, error, error, { error }]);
    expect(await linked).toBe(error);
  });

  it('works in Promise.all, race, any and allSettled', async () => {
    const quick = (): string => 'quick';
    const slow = (): string => {
      sleep(5);
      return 'slow';
    };
    const bad = (): never => {
      throw new Error('bad');
    };
    expect(await Promise.all([spawn(slow), spawn(quick), Promise.resolve(1)])).toEqual(['slow', 'quick', 1]);
    expect(await Promise.race([spawn(slow), spawn(quick)])).toBe('quick');
    expect(await Promise.any([spawn(bad), spawn(slow)])).toBe('slow');
    const settled = await Promise.allSettled([spawn(bad), spawn(quick)]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('works with then, catch and finally', async () => {
    let cleaned = 0;
    const clean = (): void => {
      cleaned += 1;
    };
    expect(await spawn(() => 1).then((value) => value + 1)).toBe(2);
    expect(
      await spawn(() => {
        throw new Error('x');
      }).catch((error) => (error as Error).message),
    ).toBe('x');
    expect(await spawn(() => 'kept').finally(clean)).toBe('kept');
    expect(cleaned).toBe(1);
  });

  it('calls its then callbacks on no green thread and after the call of then', async () => {
    const order: string[] = [];
    const thread = spawn(() => order.push('thread'));
    await thread;
    const called = thread.then(() => order.push('callback'));
    order.push('after then');
    await called;
    expect(order).toEqual(['thread', 'after then', 'callback']);
  });

  it('flattens a thread that returns a thread or a promise, under await', async () => {
    expect(await spawn(() => spawn(() => Promise.resolve('flat')))).toBe('flat');
  });
});
