// The nine sharp edges of eventlet's asyncio bridge, and how this one answers each.
import { AsyncLocalStorage } from 'node:async_hooks';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  getCurrent,
  GreenExit,
  greenToPromise,
  once,
  promiseToGreen,
  run,
  sleep,
  spawn,
  Timeout,
  wait,
  withTimeout,
} from 'verdant';
import { runChild } from '../support/children';
import { never } from './support/deferred';
import { green, outcomeOf, thrownBy, turnOfTheHub } from './support/outcome';

describe('sharp edge a: a bridged thread that is killed with an error of any kind', () => {
  it('aborts its work, which does not run on to completion', async () => {
    let finished = false;
    let aborted: unknown;
    const error = new TypeError('x');
    const thread = promiseToGreen(async (signal) => {
      try {
        await delay(60_000, undefined, { signal });
        finished = true;
      } finally {
        aborted = signal.reason;
      }
    });
    const waiting = outcomeOf(run(() => thread.wait()));
    await turnOfTheHub();
    thread.kill(error);
    expect(await waiting).toEqual({ error });
    await turnOfTheHub();
    expect([finished, aborted]).toEqual([false, error]);
  });
});

describe('sharp edge b: a bridged thread that is killed before it has started', () => {
  it('never begins the work, and warns of nothing', async () => {
    const result = await runChild(join(__dirname, 'children/killed_before_start.cjs'));
    expect(result).toEqual({ code: 0, signal: null, stdout: 'ok\n', stderr: '', timedOut: false });
  });
});

describe('sharp edge c: a timeout around the wait for async work', () => {
  it('ends the work when the scope that holds it is left', async () => {
    let given!: AbortSignal;
    const seen = await green(() => {
      const timeout = new Timeout(1);
      const thrown = thrownBy(() => {
        using work = promiseToGreen((signal) => {
          given = signal;
          return never();
        });
        work.wait();
      });
      return Object.is(thrown, timeout);
    });
    expect([seen, given.aborted]).toEqual([true, true]);
  });

  it('ends the work when it is given as a signal', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    let given!: AbortSignal;
    const thread = promiseToGreen(
      (own) => {
        given = own;
        setTimeout(() => controller.abort(), 1); // not before the work has begun
        return never();
      },
      { signal },
    );
    expect(await outcomeOf(thread)).toEqual({ error: signal.reason });
    expect(given.reason).toBe(signal.reason);
  });

  it('leaves the work to others who wait for it, when it belongs to them as well', async () => {
    let finish!: (value: string) => void;
    const thread = promiseToGreen(new Promise<string>((resolve) => (finish = resolve)));
    const impatient = await green(() => withTimeout(1, () => thread.wait(), { value: 'too late' }));
    finish('shared');
    expect([impatient, await thread]).toEqual(['too late', 'shared']);
  });
});

describe('sharp edge d: a blocking call in an async function', () => {
  it.each<[string, () => unknown]>([
    ['sleep()', () => sleep(1)],
    ['wait()', () => wait(Promise.resolve())],
    ['once()', () => once(new EventTarget(), 'x')],
    ['GreenThread.wait()', () => spawn(() => 1).wait()],
    ['GreenThread.join()', () => spawn(() => 1).join()],
    ['new Timeout()', () => new Timeout(1)],
  ])('throws one and the same coded error, which names %s and the remedy', async (call, block) => {
    const error = await (async () => {
      await Promise.resolve();
      return thrownBy(block);
    })();
    expect(error).toMatchObject({ name: 'NotGreenError', code: 'ERR_VERDANT_NOT_GREEN' });
    expect(error.message.startsWith(call)).toBe(true);
    expect(error.message).toContain('spawn(');
    await turnOfTheHub();
  });
});

describe('sharp edge e: cancellation has one vocabulary', () => {
  it('the reason of a kill is what green waiters, awaiters and the signal of the work all see', async () => {
    const reason = new GreenExit('one reason');
    let given!: AbortSignal;
    const thread = promiseToGreen((signal) => {
      given = signal;
      return never();
    });
    const greenSide = run(() => [thrownBy(() => thread.wait())]);
    const asyncSide = outcomeOf(thread);
    await turnOfTheHub();
    thread.kill(reason);
    expect([...(await greenSide), await asyncSide, given.reason]).toEqual([reason, { error: reason }, reason]);
    expect((await greenSide)[0]).toBe(reason);
  });

  it('the reason of an abort is what green waiters, awaiters and the thread itself all see', async () => {
    const controller = new AbortController();
    const reason = new Error('one reason');
    let inside: unknown;
    const thread = spawn(() => {
      inside = thrownBy(() => sleep(Infinity));
      throw inside;
    });
    const asyncSide = outcomeOf(greenToPromise(thread, { signal: controller.signal }));
    const greenSide = run(() => [thrownBy(() => thread.wait())]);
    await turnOfTheHub();
    controller.abort(reason);
    expect([...(await greenSide), await asyncSide, inside]).toEqual([reason, { error: reason }, reason]);
  });
});

describe('sharp edge f: an error that somebody receives', () => {
  it('is printed by nobody', async () => {
    const result = await runChild(join(__dirname, 'children/received_errors.cjs'));
    expect(result).toEqual({ code: 0, signal: null, stdout: 'ok\n', stderr: '', timedOut: false });
  });

  it('is reported once, by Node, when nobody receives it', async () => {
    const result = await runChild(join(__dirname, 'children/unreceived_error.cjs'));
    expect(result).toMatchObject({ code: 1, signal: null, stdout: '', timedOut: false });
    expect(result.stderr.match(/Error: unreceived/g)).toHaveLength(1);
  });
});

describe('sharp edge g: the current green thread in an async function', () => {
  it('is null after an await, and the stores tell where it came from', async () => {
    const storage = new AsyncLocalStorage<string>();
    const work = async (): Promise<unknown[]> => {
      await Promise.resolve();
      return [getCurrent(), storage.getStore()];
    };
    expect(await run(() => storage.run('request 7', () => wait(work())))).toEqual([null, 'request 7']);
  });
});

describe('sharp edge h: the stores of the spawner', () => {
  it('are those of the green thread, and of async work bridged by it', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen = await storage.run('spawner', () =>
      Promise.all([
        spawn(() => storage.getStore()),
        promiseToGreen(async () => {
          await delay(1);
          return storage.getStore();
        }),
        spawn(() => {
          sleep(1);
          return storage.run('inner', () => promiseToGreen(async () => storage.getStore()).wait());
        }),
      ]),
    );
    expect(seen).toEqual(['spawner', 'spawner', 'inner']);
  });
});

describe('sharp edge i: importing', () => {
  it('makes no hub, and touches neither loop nor process', async () => {
    const result = await runChild(join(__dirname, 'children/import_is_lazy.cjs'), { env: { VERDANT_HUB: 'nonsense' } });
    expect(result).toEqual({ code: 0, signal: null, stdout: 'ok\n', stderr: '', timedOut: false });
  });
});
