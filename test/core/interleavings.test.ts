// Random programs of spawn, sleep, kill, wait, join, timeout and abort: whatever they do, the invariants hold.
import fc from 'fast-check';
import { getEventListeners } from 'node:events';
import { getCurrent, type GreenThread, isTimeout, joinAll, run, sleep, spawn, withTimeout } from 'verdant';
import { getHub } from 'verdant/hub';
import { slowness } from '../support/children';
import { useVirtualClock } from '../support/virtual_clock';

useVirtualClock();

const threadsPerProgram = 6;

type Step =
  | { do: 'sleep'; ms: number }
  | { do: 'wait' | 'join'; whom: number; timeout: number | undefined; abortable: boolean }
  | { do: 'kill'; whom: number; custom: boolean }
  | { do: 'abort' }
  | { do: 'limit'; ms: number; sleep: number }
  | { do: 'spawn'; ms: number }
  | { do: 'throw' };

const whom = fc.nat(threadsPerProgram - 1);
const ms = fc.constantFrom(0, 0, 1, 2, 3, 5);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('sleep' as const), ms }),
  fc.record({
    do: fc.constantFrom('wait' as const, 'join' as const),
    whom,
    timeout: fc.option(ms, { nil: undefined }),
    abortable: fc.boolean(),
  }),
  fc.record({ do: fc.constant('kill' as const), whom, custom: fc.boolean() }),
  fc.record({ do: fc.constant('abort' as const) }),
  fc.record({ do: fc.constant('limit' as const), ms, sleep: ms }),
  fc.record({ do: fc.constant('spawn' as const), ms }),
  fc.record({ do: fc.constant('throw' as const) }),
);
const program = fc.array(fc.array(step, { maxLength: 8 }), {
  minLength: threadsPerProgram,
  maxLength: threadsPerProgram,
});

class Mine extends Error {}

interface Life {
  entered: number;
  left: number;
}

async function play(steps: Step[][]): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const threads: GreenThread[] = [];
  const lives = new Map<unknown, Life>();
  const ends = new Map<GreenThread, number>();

  const start = (body: Step[]): void => {
    const life: Life = { entered: 0, left: 0 };
    const thread: GreenThread = spawn(() => {
      expect(getCurrent()).toBe(thread);
      life.entered += 1;
      try {
        for (const each of body) act(each);
        return thread.id;
      } finally {
        life.left += 1;
        // Whatever ended it, it is still the running one.
        expect(getCurrent()).toBe(thread);
      }
    });
    lives.set(thread, life);
    thread.link((ended) => ends.set(ended, (ends.get(ended) ?? 0) + 1));
    threads.push(thread);
  };

  const act = (each: Step): void => {
    const me = getCurrent()!;
    switch (each.do) {
      case 'sleep':
        sleep(each.ms, { signal: each.ms === 2 ? signal : undefined });
        break;
      case 'wait':
      case 'join': {
        const other = threads[each.whom]!;
        // One cannot wait for oneself, and two must not wait for each other without an end.
        const timeout = each.timeout ?? 5;
        const options = { timeout, signal: each.abortable ? signal : undefined };
        if (other === me) break;
        if (each.do === 'join') {
          const ended = other.join(options);
          expect(other.dead || !ended).toBe(true);
        } else expectOutcome(other, () => other.wait(options), signal);
        break;
      }
      case 'kill':
        threads[each.whom]!.kill(each.custom ? new Mine('killed') : undefined);
        break;
      case 'abort':
        controller.abort(new Mine('aborted'));
        break;
      case 'limit':
        expect(withTimeout(each.ms, () => (sleep(each.sleep), 'in time'), { value: 'late' })).toMatch(/in time|late/);
        break;
      case 'spawn':
        start([{ do: 'sleep', ms: each.ms }]);
        break;
      case 'throw':
        throw new Mine('thrown');
    }
    expect(getCurrent()).toBe(me);
    expect(me.state).toBe('running');
  };

  for (const body of steps) start(body);
  await run(() => {
    for (let seen = 0; seen < threads.length; seen = joinAll(threads).length);
    sleep(1); // the links of the last one
  });

  for (const thread of threads) {
    const life = lives.get(thread)!;
    expect(['done', 'failed', 'killed']).toContain(thread.state);
    expect(life.entered).toBe(thread.started ? 1 : 0);
    expect(life.left).toBe(life.entered);
    expect(ends.get(thread)).toBe(1);
    if (thread.state === 'done') expect(thread.value).toBe(thread.id);
    else expect(isExpected(thread.error)).toBe(true);
  }
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  expect(getHub().stats()).toMatchObject({ greenThreads: 0, ready: 0, timers: 0 });
}

function isExpected(error: unknown): boolean {
  return error instanceof Mine || isTimeout(error) || (error as { code?: string }).code === 'ERR_VERDANT_KILLED';
}

/** wait() gives the outcome of the other, or one of the reasons for which a wait may end early. */
function expectOutcome(other: GreenThread, wait: () => unknown, signal: AbortSignal): void {
  try {
    const value = wait();
    expect([other.state, value]).toEqual(['done', other.id]);
  } catch (error) {
    const theirs = other.dead && error === other.error;
    expect(theirs || error === signal.reason || isExpected(error)).toBe(true);
    if (!theirs && !isTimeout(error)) throw error;
  }
}

test('random programs end, every thread exactly once, and leave nothing', async () => {
  await fc.assert(fc.asyncProperty(program, play), { numRuns: 200, interruptAfterTimeLimit: 20_000 * slowness });
});
