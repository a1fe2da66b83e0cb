// Random programs, played on the hub and in the reference world: the same must happen, in the same order.
import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { GreenExit, type GreenThread, kill, run, sleep, spawn, VerdantError, withTimeout } from 'verdant';
import { getHub } from 'verdant/hub';
import { slowness } from '../../support/children';
import { type Flow, isExit, RefError, ReferenceWorld } from './reference_world';

/** What a step of the primitive waits with. */
export interface WaitOptions<Signal> {
  timeout?: number;
  signal?: Signal;
}

/** A primitive on the hub. */
export interface RealSubject<Step> {
  /** Does a step; what it returns is compared. */
  act(step: Step, me: number, options: WaitOptions<AbortSignal>): unknown;
  /** Gives back what a thread that ends still has. Must not block. */
  leave?(me: number): void;
  /** What is left when all is over. */
  statistics(): unknown;
}

/** The same in the reference world. */
export interface RefSubject<Step> {
  act(step: Step, me: number, options: WaitOptions<number>): Flow;
  leave?(me: number): void;
  statistics(): unknown;
}

export interface Pair<Step> {
  /** Steps that may block. */
  step: fc.Arbitrary<Step>;
  /** Steps that never block, done by plain callbacks as well. */
  plainStep?: fc.Arbitrary<Step>;
  real: () => RealSubject<Step>;
  reference: (world: ReferenceWorld) => RefSubject<Step>;
}

type Act<Step> =
  | { do: 'act'; step: Step; timeout: number | undefined; signal: number | undefined; limit: number | undefined }
  | { do: 'later'; ms: number; step: Step }
  | { do: 'sleep'; ms: number }
  | { do: 'kill'; whom: number; gently: boolean }
  | { do: 'abort'; signal: number };

const threadCount = 5;
const signalCount = 2;
// From 1 on: the clock stands still while anybody is ready, but a hub whose pass is over looks at its timers all the same.
const ms = fc.integer({ min: 1, max: 4 });
const seldom = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

function acts<Step>({ step, plainStep }: Pair<Step>): fc.Arbitrary<Act<Step>[][]> {
  const signal = fc.nat(signalCount - 1);
  const own = fc.record({
    do: fc.constant('act' as const),
    step,
    timeout: seldom(ms),
    signal: seldom(signal),
    limit: seldom(ms),
  });
  const act = fc.oneof(
    { weight: 6, arbitrary: own },
    ...(plainStep === undefined
      ? []
      : [{ weight: 1, arbitrary: fc.record({ do: fc.constant('later' as const), ms, step: plainStep }) }]),
    { weight: 2, arbitrary: fc.record({ do: fc.constant('sleep' as const), ms: fc.nat(3) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('kill' as const), whom: fc.nat(threadCount - 1), gently: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), signal }) },
  );
  return fc.array(fc.array(act, { maxLength: 7 }), { minLength: threadCount, maxLength: threadCount });
}

/** After so long everybody is killed: programs may block for ever. */
const end = 1000;

class Gently extends VerdantError {
  constructor() {
    super('gently', 'a kill that may be caught');
  }
}

/** What is put into the history of an error: its code, or the reason's name. */
function nameOf(error: unknown): string {
  if (error instanceof RefError) return error.code;
  const { code, message } = error as { code?: string; message: string };
  return code ?? message;
}

function playReference<Step>(program: Act<Step>[][], pair: Pair<Step>): string[] {
  const world = new ReferenceWorld();
  const subject = pair.reference(world);
  const history: string[] = [];
  const say = (line: string) => history.push(`${world.now} ${line}`);

  function* perform(act: Act<Step>, me: number): Flow {
    switch (act.do) {
      case 'act': {
        const options = present({ timeout: act.timeout, signal: act.signal });
        const { limit, step } = act;
        if (limit === undefined) return yield* subject.act(step, me, options);
        return yield* world.limit(limit, () => subject.act(step, me, options));
      }
      case 'later':
        world.later(act.ms, () => {
          try {
            say(`plain ${show(subject.act(act.step, -1, {}).next().value)}`);
          } catch (error) {
            say(`plain threw ${nameOf(error)}`);
          }
        });
        return undefined;
      case 'sleep':
        return yield* world.sleep(act.ms);
      case 'kill':
        world.kill(world.threads[act.whom]!, new RefError(act.gently ? 'gently' : 'ERR_VERDANT_KILLED'));
        return undefined;
      case 'abort':
        world.abort(act.signal);
        return undefined;
    }
  }

  function* body(acts: Act<Step>[], me: number): Flow {
    try {
      for (const [at, act] of acts.entries()) {
        try {
          const result = yield* perform(act, me);
          say(`${me}.${at} ${show(result)}`);
        } catch (error) {
          say(`${me}.${at} threw ${nameOf(error)}`);
          if (isExit(error)) break;
        }
      }
    } finally {
      subject.leave?.(me);
      say(`${me} left`);
    }
    return undefined;
  }

  function* reaper(): Flow {
    yield* world.sleep(end);
    for (const thread of world.threads.slice(0, threadCount)) world.kill(thread, new RefError('ERR_VERDANT_KILLED'));
    return undefined;
  }

  for (const [me, acts] of program.entries()) world.spawn(body(acts, me));
  world.spawn(reaper());
  world.run();
  history.push(`alive: ${world.threads.filter(({ dead }) => !dead).length}`, show(subject.statistics()));
  return history;
}

async function playReal<Step>(program: Act<Step>[][], pair: Pair<Step>): Promise<string[]> {
  const hub = getHub();
  const origin = hub.time();
  const subject = pair.real();
  const controllers = Array.from({ length: signalCount }, () => new AbortController());
  const history: string[] = [];
  const threads: GreenThread[] = [];
  const say = (line: string) => history.push(`${hub.time() - origin} ${line}`);

  function perform(act: Act<Step>, me: number): unknown {
    switch (act.do) {
      case 'act': {
        const signal = act.signal === undefined ? undefined : controllers[act.signal]!.signal;
        const options = present({ timeout: act.timeout, signal });
        const { limit, step } = act;
        if (limit === undefined) return subject.act(step, me, options);
        return withTimeout(limit, () => subject.act(step, me, options), { value: 'limit' });
      }
      case 'later':
        hub.scheduleCallGlobal(act.ms, () => {
          try {
            say(`plain ${show(subject.act(act.step, -1, {}))}`);
          } catch (error) {
            say(`plain threw ${nameOf(error)}`);
          }
        });
        return undefined;
      case 'sleep':
        sleep(act.ms);
        return undefined;
      case 'kill':
        kill(threads[act.whom]!, act.gently ? new Gently() : new GreenExit());
        return undefined;
      case 'abort':
        controllers[act.signal]!.abort(new Error(`abort ${act.signal}`));
        return undefined;
    }
  }

  function body(acts: Act<Step>[], me: number): void {
    try {
      for (const [at, act] of acts.entries()) {
        try {
          const result = perform(act, me);
          say(`${me}.${at} ${show(result)}`);
        } catch (error) {
          say(`${me}.${at} threw ${nameOf(error)}`);
          if (nameOf(error) === 'ERR_VERDANT_KILLED') return;
        }
      }
    } finally {
      subject.leave?.(me);
      say(`${me} left`);
    }
  }

  for (const [me, acts] of program.entries()) {
    const thread = spawn(body, acts, me);
    thread.catch(() => undefined); // a kill before the start is no unhandled failure
    threads.push(thread);
  }
  spawn(() => {
    sleep(end);
    for (const thread of threads) thread.kill();
  });
  await run(() => {
    sleep(end + 100);
  });
  history.push(`alive: ${threads.filter(({ dead }) => !dead).length}`, show(subject.statistics()));
  expect(controllers.map(({ signal }) => getEventListeners(signal, 'abort').length)).toEqual([0, 0]);
  return history;
}

function present<O extends object>(options: O): { [K in keyof O]?: Exclude<O[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined';
}

const seed = Number(process.env.VERDANT_TEST_SEED ?? Date.now() % 2 ** 31);
const numRuns = Number(process.env.VERDANT_HISTORIES ?? 200);

/** Fails with fast-check's seed, and the smallest program that differs. The virtual clock must be in use. */
export async function expectSameHistories<Step>(pair: Pair<Step>): Promise<void> {
  // A turn that ends early, on a busy machine, would look at timers that are due at this very moment.
  getHub().switchInterval = 60_000;
  await fc.assert(
    fc.asyncProperty(acts(pair), async (program) => {
      const real = await playReal(program, pair);
      expect(real).toEqual(playReference(program, pair));
      expect(real).toContain('alive: 0');
      expect(getHub().stats()).toMatchObject({ greenThreads: 0, ready: 0, timers: 0 });
    }),
    { seed, numRuns },
  );
}

/** Long enough for as many histories as were asked for. */
export const patience = (30_000 + numRuns * 20) * slowness;
