// Cancelling one link of a chain async -> green -> async -> ...: those above see the reason, those below are aborted with
// it, those beside go on, every finally block runs once, and nothing is left.
import { setTimeout as delay } from 'node:timers/promises';
import { GreenExit, type GreenThread, greenToPromise, promiseToGreen, run, sleep, spawn, wait } from 'verdant';
import { getHub } from 'verdant/hub';
import { allEnded, buildChain } from './support/chain';
import { deferred } from './support/deferred';
import { abortListeners, outcomeOf, thrownBy, turnOfTheHub } from './support/outcome';

const length = 10;
const everyLink = Array.from({ length }, (_, index) => index);

/** A leaf that ends only by its signal, as the work of a well-behaved library. */
function heedful() {
  const started = deferred<AbortSignal>();
  const leaf = (signal: AbortSignal): Promise<string> =>
    new Promise((_, reject) => {
      started.resolve(signal);
      const onAbort = (): void => reject(signal.reason);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
  return { started: started.promise, leaf };
}

type Cancel = [string, (chain: ReturnType<typeof buildChain>, at: number) => { reason: unknown; lowest: number }];

// `lowest`: the first link that ends by the cancellation from above; the ones above it end by the error from below.
const ways: Cancel[] = [
  [
    'kill of its green thread',
    ({ links }, at) => {
      const reason = new GreenExit(`kill ${at}`);
      links[at]!.thread.kill(reason);
      return { reason, lowest: at };
    },
  ],
  [
    'kill of its green thread with an error',
    ({ links }, at) => {
      const reason = new Error(`kill ${at}`);
      links[at]!.thread.kill(reason);
      return { reason, lowest: at };
    },
  ],
  [
    'abort of what it awaits',
    ({ links }, at) => {
      const reason = new Error(`abort ${at}`);
      links[at]!.controller.abort(reason);
      return { reason, lowest: at + 1 };
    },
  ],
];

describe.each(ways)('%s', (_, cancel) => {
  it.each(everyLink)('at link %i', async (at) => {
    const { started, leaf } = heedful();
    const chain = buildChain(length, leaf);
    const outcome = outcomeOf(chain.result);
    const leafSignal = await started;
    const { reason, lowest } = cancel(chain, at);
    const ended = await outcome;
    await allEnded(chain.links);

    expect('error' in ended && ended.error).toBe(reason);
    chain.links.forEach((link, index) => {
      expect([index, link.thread.dead, link.finallies]).toEqual([index, true, 1]);
      expect(link.ended).toEqual({ error: reason });
      // Its own end comes from above (its signal tells so), or from below.
      expect([index, link.signal.aborted]).toEqual([index, index >= lowest]);
      if (index >= lowest) expect(link.signal.reason).toBe(reason);
      expect(link.thread.error).toBe(reason);
      expect(abortListeners(link.controller.signal)).toBe(0);
    });
    expect(leafSignal.reason).toBe(reason);
    expect(abortListeners(chain.outermost.signal)).toBe(0);
    expect(getHub().stats()).toMatchObject({ greenThreads: 0, suspended: 0 });
  });
});

describe('cancelling a chain', () => {
  it('by the signal of the outermost caller ends every link with its reason', async () => {
    const { started, leaf } = heedful();
    const chain = buildChain(length, leaf);
    const outcome = outcomeOf(chain.result);
    await started;
    const reason = new Error('outermost');
    chain.outermost.abort(reason);
    expect(await outcome).toEqual({ error: reason });
    await allEnded(chain.links);
    expect(chain.links.map(({ thread, finallies }) => [thread.error, finallies])).toEqual(
      chain.links.map(() => [reason, 1]),
    );
  });

  it('twice is the same as once: the first reason stands, at every link', async () => {
    const { started, leaf } = heedful();
    const chain = buildChain(length, leaf);
    const outcome = outcomeOf(chain.result);
    await started;
    const first = new Error('first');
    chain.links[5]!.thread.kill(first);
    chain.links[5]!.thread.kill(new Error('second'));
    chain.links[4]!.controller.abort(first);
    chain.links[4]!.controller.abort(new Error('third'));
    expect(await outcome).toEqual({ error: first });
    await allEnded(chain.links);
    expect(chain.links.map(({ finallies }) => finallies)).toEqual(everyLink.map(() => 1));
  });

  it('before it has started never starts the links below', async () => {
    const { leaf } = heedful();
    const chain = buildChain(length, leaf);
    const outcome = outcomeOf(chain.result);
    chain.links[0]!.thread.kill();
    expect(await outcome).toEqual({ error: expect.objectContaining({ code: 'ERR_VERDANT_KILLED' }) });
    expect(chain.links).toHaveLength(1);
    expect(chain.links[0]!.finallies).toBe(0);
  });

  it('after its end changes nothing', async () => {
    const chain = buildChain(length, () => delay(1, 'leaf'));
    const value = await chain.result;
    for (const { thread, controller } of chain.links) {
      thread.kill();
      controller.abort();
    }
    await turnOfTheHub();
    expect(await chain.result).toBe(value);
    expect(chain.links.map(({ thread, signal }) => [thread.state, signal.aborted])).toEqual(
      everyLink.map(() => ['done', false]),
    );
  });

  it('ends the links above even when the work below does not heed its signal', async () => {
    const gate = deferred<string>();
    const started = deferred();
    const chain = buildChain(length, () => {
      started.resolve(undefined);
      return gate.promise;
    });
    const outcome = outcomeOf(chain.result);
    await started.promise;
    const reason = new Error('deaf');
    chain.links[length - 1]!.thread.kill(reason);
    expect(await outcome).toEqual({ error: reason });
    expect(chain.links[length - 1]!.finallies).toBe(0);
    gate.resolve('late');
    await allEnded(chain.links);
    expect(chain.links[length - 1]).toMatchObject({ finallies: 1, ended: { value: '9 late' } });
  });
});

describe('a chain of scopes', () => {
  // Each level owns the level below with `using`: leaving it, however, ends the one below.
  function build(depth: number) {
    const threads: GreenThread<string>[] = [];
    const trail: string[] = [];
    const parked = deferred();
    function level(n: number): string {
      try {
        if (n === 0) {
          parked.resolve(undefined);
          sleep(Infinity);
        }
        using below = promiseToGreen((signal) => start(n - 1, signal), { name: `scope ${n}` });
        return below.wait();
      } finally {
        trail.push(`level ${n}`);
      }
    }
    function start(n: number, signal: AbortSignal): Promise<string> {
      const thread = spawn(() => level(n));
      threads[n] = thread;
      return greenToPromise(thread, { signal });
    }
    return { threads, trail, parked: parked.promise, result: start(depth, new AbortController().signal) };
  }
  const depth = 5;

  it.each([0, 1, 2, 3, 4, 5])('ends as killed, not failed, when level %i is killed', async (at) => {
    const { threads, trail, parked, result } = build(depth);
    const outcome = outcomeOf(result);
    await parked;
    const reason = new GreenExit(`level ${at}`);
    threads[at]!.kill(reason);
    const ended = await outcome;
    await Promise.all(threads.map(outcomeOf));
    expect('error' in ended && ended.error).toBe(reason);
    expect(threads.map(({ state }) => state)).toEqual(threads.map(() => 'killed'));
    expect(trail.sort()).toEqual(threads.map((_, n) => `level ${n}`));
  });
});

describe('a green thread that is killed while it waits for async work', () => {
  it('leaves the work running when nothing links them: wait lets go', async () => {
    const order: string[] = [];
    const gate = deferred();
    const work = async (): Promise<void> => {
      await gate.promise;
      order.push('work went on');
    };
    let promise!: Promise<void>;
    const thread = spawn(() => {
      promise = work();
      wait(promise);
    });
    await turnOfTheHub();
    thread.kill();
    await outcomeOf(thread);
    gate.resolve(undefined);
    await promise;
    expect(order).toEqual(['work went on']);
  });

  it('ends the work that a scope of its own holds', async () => {
    let given!: AbortSignal;
    const started = deferred();
    const thread = spawn(() => {
      using work = promiseToGreen((signal) => {
        given = signal;
        started.resolve(undefined);
        return new Promise<void>(() => undefined);
      });
      work.wait();
    });
    await started.promise;
    thread.kill();
    await outcomeOf(thread);
    await turnOfTheHub();
    expect([thread.state, given.aborted]).toEqual(['killed', true]);
  });

  it('may be killed by the work it waits for', async () => {
    const thread = spawn(() => {
      wait(
        (async () => {
          await Promise.resolve();
          thread.kill();
        })(),
      );
      sleep(0);
    });
    await outcomeOf(thread);
    expect(thread.state).toBe('killed');
    expect(await run(() => thrownBy(() => thread.wait()))).toMatchObject({ code: 'ERR_VERDANT_KILLED' });
  });
});
