// Random chains of bridges, cancelled at random moments or not: the result, the error or the reason arrives unchanged,
// stores are intact, every finally block has run once, and nothing is left. A failure prints fast-check's seed and path.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as immediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import {
  asyncIterate,
  asyncToGreen,
  GreenExit,
  type GreenThread,
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
import { abortListeners, outcomeOf, turnOfTheHub } from './support/outcome';

const seed = Number(process.env.VERDANT_TEST_SEED ?? Date.now() % 2 ** 31);
const storage = new AsyncLocalStorage<number>();

type Below = (signal: AbortSignal) => Promise<string>;

const kinds = ['bridge', 'thread', 'iterate', 'asyncIterate', 'greenToAsync', 'asyncToGreen', 'async'] as const;
const pauses = ['none', 'microtask', 'sleep', 'immediate'] as const;
type Kind = (typeof kinds)[number];
type Pause = (typeof pauses)[number];
interface LinkPlan {
  kind: Kind;
  before: Pause;
  after: Pause;
}

const pauseGreen: Record<Pause, () => void> = {
  none: () => undefined,
  microtask: () => wait(Promise.resolve()),
  sleep: () => sleep(0),
  immediate: () => wait(immediate()),
};
const pauseAsync: Record<Pause, () => Promise<unknown> | undefined> = {
  none: () => undefined,
  microtask: () => Promise.resolve(),
  sleep: () => run(() => sleep(0)),
  immediate: () => immediate(),
};

class Run {
  readonly controller = new AbortController();
  readonly threads: GreenThread[] = [];
  entered = 0;
  left = 0;
  readonly wrongStores: string[] = [];

  scopeGreen<T>(n: number, plan: LinkPlan, fn: () => T): T {
    return storage.run(n, () => {
      this.entered += 1;
      try {
        pauseGreen[plan.before]();
        const value = fn();
        pauseGreen[plan.after]();
        return value;
      } finally {
        this.check(n);
      }
    });
  }

  scopeAsync<T>(n: number, plan: LinkPlan, fn: () => Promise<T>): Promise<T> {
    return storage.run(n, async () => {
      this.entered += 1;
      try {
        await pauseAsync[plan.before]();
        const value = await fn();
        await pauseAsync[plan.after]();
        return value;
      } finally {
        this.check(n);
      }
    });
  }

  check(n: number): void {
    this.left += 1;
    if (storage.getStore() !== n) this.wrongStores.push(`${n}: ${storage.getStore()}`);
  }

  keep<T>(thread: GreenThread<T>): GreenThread<T> {
    this.threads.push(thread);
    return thread;
  }

  link(n: number, plan: LinkPlan, below: Below): Below {
    const green = (signal: AbortSignal) => () => this.scopeGreen(n, plan, () => wait(below(signal)));
    switch (plan.kind) {
      case 'bridge':
        return (signal) =>
          greenToPromise(this.keep(promiseToGreen((own) => this.scopeAsync(n, plan, () => below(own)))), { signal });
      case 'thread':
        return (signal) => greenToPromise(this.keep(spawn(green(signal))), { signal });
      case 'iterate':
        return (signal) =>
          run(() =>
            this.scopeGreen(n, plan, () => {
              async function* items() {
                yield await below(signal);
              }
              return [...iterate(items())].join('');
            }),
          );
      case 'asyncIterate':
        return (signal) =>
          this.scopeAsync(n, plan, async () => {
            function* items() {
              yield wait(below(signal));
            }
            let text = '';
            for await (const item of asyncIterate(items())) text += item;
            return text;
          });
      case 'greenToAsync':
        return (signal) => greenToAsync(green(signal))();
      case 'asyncToGreen':
        return (signal) => run(() => this.scopeGreen(n, plan, () => asyncToGreen(below)(signal)));
      case 'async':
        return (signal) => this.scopeAsync(n, plan, () => below(signal));
    }
  }

  chain(plans: LinkPlan[], leaf: Below): Promise<string> {
    const whole = plans.reduceRight<Below>((below, plan, n) => this.link(n, plan, below), leaf);
    return whole(this.controller.signal);
  }
}

const plans = fc.array(
  fc.record({
    kind: fc.constantFrom(...kinds),
    before: fc.constantFrom(...pauses),
    after: fc.constantFrom(...pauses),
  }),
  { minLength: 1, maxLength: 30 },
);

// Async functions whose caller was cancelled come to their end by themselves.
async function nothingLeft(chain: Run): Promise<void> {
  for (let turns = 0; turns < 200; turns += 1) {
    if (getHub().stats().greenThreads === 0 && chain.left === chain.entered) break;
    await turnOfTheHub();
    await immediate();
  }
  expect(getHub().stats()).toMatchObject({ greenThreads: 0, suspended: 0 });
}

const settings = { seed, numRuns: 150 };

describe('a random chain', () => {
  it('gives its value, or throws its very error', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.boolean(), fc.constantFrom(...pauses), async (links, fails, pause) => {
        const chain = new Run();
        const error = new Error('leaf');
        const outcome = await outcomeOf(
          chain.chain(links, async () => {
            await pauseAsync[pause]();
            if (fails) throw error;
            return 'leaf';
          }),
        );
        if (fails) expect('error' in outcome && outcome.error).toBe(error);
        else expect(outcome).toEqual({ value: 'leaf' });
        expect(chain.entered).toBe(links.length);
        expect(chain.left).toBe(links.length);
        expect(chain.wrongStores).toEqual([]);
        expect(abortListeners(chain.controller.signal)).toBe(0);
        await nothingLeft(chain);
      }),
      settings,
    );
  });

  it('cancelled at a random moment and link gives its value or that reason, runs its finally blocks and leaves nothing', async () => {
    const cancel = fc.record({
      turns: fc.nat(12),
      at: fc.nat(29),
      how: fc.constantFrom('abort', 'kill', 'kill with an error'),
    });
    await fc.assert(
      fc.asyncProperty(plans, fc.array(cancel, { minLength: 1, maxLength: 3 }), async (links, cancels) => {
        const chain = new Run();
        const reasons: unknown[] = [];
        const leaf = (signal: AbortSignal): Promise<string> =>
          new Promise((resolve, reject) => {
            if (signal.aborted) reject(signal.reason);
            signal.addEventListener('abort', () => reject(signal.reason), { once: true });
            // Only a chain with the signal handed through ends early; any other comes to its end in time.
            void run(() => {
              for (let turn = 0; turn < 8; turn += 1) sleep(0);
            }).then(() => immediate('leaf').then(resolve));
          });
        const outcome = outcomeOf(chain.chain(links, leaf));
        for (const { turns, at, how } of cancels) {
          for (let turn = 0; turn < turns; turn += 1) await turnOfTheHub();
          const reason = how === 'kill' ? new GreenExit(how) : new Error(how);
          reasons.push(reason);
          const thread = chain.threads[at % Math.max(chain.threads.length, 1)];
          if (how === 'abort' || thread === undefined) chain.controller.abort(reason);
          else thread.kill(reason);
        }
        const ended = await outcome;
        if ('value' in ended) expect(ended.value).toBe('leaf');
        else expect(reasons).toContain(ended.error);
        await nothingLeft(chain);
        expect(chain.left).toBe(chain.entered);
        expect(chain.wrongStores).toEqual([]);
        expect(abortListeners(chain.controller.signal)).toBeLessThanOrEqual(1); // the leaf's own
      }),
      settings,
    );
  });
});
