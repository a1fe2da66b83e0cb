// Random histories of a queue (puts, gets, nowait from plain code, kills, timeouts, aborts, closing, resizing, in every order
// and between any two of a wake-up and the run after it) come out as in a plain model, event by event: nothing is lost,
// nothing comes twice, and first come is first served. A failure prints fast-check's seed.
import * as fc from 'fast-check';
import { type GreenThread, Queue, spawn } from 'verdant';
import { slowness } from '../support/children';
import { useManualHub } from './manual_queue_hub';
import { QueueModel, type Step } from './queue_model';

const numRuns = Number(process.env.VERDANT_HISTORIES ?? 400);
const seed = Number(process.env.VERDANT_TEST_SEED ?? Date.now() % 2 ** 31);
const patience = 30_000 + 100 * numRuns * slowness;
const hub = useManualHub();

const names: Record<string, string> = {
  ERR_VERDANT_CLOSED: 'closed',
  ERR_VERDANT_QUEUE_FULL: 'full',
  ERR_VERDANT_QUEUE_EMPTY: 'empty',
  ERR_VERDANT_TIMEOUT: 'timeout',
  ERR_ABORTED: 'aborted',
};

class World {
  readonly log: string[] = [];
  readonly queue: Queue<string>;
  readonly threads: GreenThread[] = [];
  readonly controllers: AbortController[] = [];

  constructor(size: number | undefined) {
    this.queue = new Queue(size);
  }

  spawn(script: Step[]): void {
    const id = this.threads.length;
    this.controllers.push(new AbortController());
    const thread = spawn(() => {
      try {
        script.forEach((step, at) => this.act(id, step, `${id}.${at + 1}`));
      } catch (error) {
        this.log.push(`${id}: killed`);
        throw error;
      }
    });
    this.threads.push(thread);
  }

  act(id: number | 'plain', step: Step, item: string): void {
    let what: string | null;
    try {
      what = this.do(id, step, item);
    } catch (error) {
      const name = names[(error as { code: string }).code];
      if (name === undefined) throw error;
      what = name;
    }
    if (what !== null) this.log.push(`${id}: ${step.do}: ${what}`);
  }

  do(id: number | 'plain', step: Step, item: string): string | null {
    const { queue } = this;
    switch (step.do) {
      case 'put':
      case 'get': {
        const signal = step.signal === true ? this.controllers[id as number]!.signal : undefined;
        const options = { timeout: step.timeout, signal };
        if (step.do === 'get') return `got ${queue.get(options)}`;
        queue.put(item, options);
        return `has put ${item}`;
      }
      case 'putNowait':
        queue.putNowait(item);
        return `has put ${item}`;
      case 'getNowait':
        return `got ${queue.getNowait()}`;
      case 'close':
      case 'closeImmediate':
        queue.close({ immediate: step.do === 'closeImmediate' });
        return null;
      case 'resize':
        queue.resize(step.size);
        return null;
      case 'kill':
        if (step.whom !== id) this.threads[step.whom]?.kill();
        return null;
      case 'abort':
        this.controllers[step.whom]?.abort(Object.assign(new Error('aborted'), { code: 'ERR_ABORTED' }));
        return null;
    }
  }

  get state(): Record<string, unknown> {
    const { size, getting, putting, handedOver, unfinishedTasks, closed } = this.queue.statistics();
    return { size, getting, putting, handedOver, unfinishedTasks, closed };
  }
}

const size = fc.constantFrom(undefined, 0, 0, 1, 2, 3);
const whom = fc.nat(4);
const blocking = fc.record({
  do: fc.constantFrom('put' as const, 'get' as const),
  timeout: fc.constantFrom(undefined, undefined, undefined, 0, 1, 5),
  signal: fc.boolean(),
});
const instant = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('putNowait' as const, 'getNowait' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('kill' as const, 'abort' as const), whom }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resize' as const), size }) },
);
const closing = fc.record({ do: fc.constantFrom('close' as const, 'closeImmediate' as const) });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: blocking },
  { weight: 5, arbitrary: instant },
  { weight: 1, arbitrary: closing },
);
const plainStep: fc.Arbitrary<Step> = fc.oneof({ weight: 12, arbitrary: instant }, { weight: 1, arbitrary: closing });
const rush: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: 'putNowait' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), whom }) },
  { weight: 1, arbitrary: plainStep },
);
const scripts = fc.oneof(
  { weight: 2, arbitrary: fc.array(step, { minLength: 1, maxLength: 5 }) },
  { weight: 1, arbitrary: fc.array(blocking, { minLength: 1, maxLength: 1 }) },
);
const command = fc.oneof(
  { weight: 4, arbitrary: fc.record({ spawn: scripts }) },
  { weight: 3, arbitrary: fc.record({ plain: fc.array(plainStep, { minLength: 1, maxLength: 2 }) }) },
  // Items come in faster than their getters run, and some of those never do.
  { weight: 3, arbitrary: fc.record({ plain: fc.array(rush, { minLength: 3, maxLength: 7 }) }) },
  { weight: 3, arbitrary: fc.record({ turn: fc.constantFrom(0, 0, 1, 6) }) },
);

test(
  'a queue does what the model does',
  () => {
    fc.assert(
      fc.property(size, fc.array(command, { maxLength: 40 }), (maxSize, commands) => {
        const real = new World(maxSize);
        const model = new QueueModel(maxSize);
        const drain: typeof commands = [{ turn: 6 }, ...Array(8).fill({ plain: [{ do: 'getNowait' }] })];
        try {
          [...commands, ...drain].forEach((one, at) => {
            if ('spawn' in one) {
              real.spawn(one.spawn);
              model.spawn(one.spawn);
            } else if ('plain' in one) {
              one.plain.forEach((plain, n) => {
                real.act('plain', plain, `p.${at}.${n}`);
                model.plain(plain, `p.${at}.${n}`);
                expect(real.state).toEqual(model.state);
              });
            } else {
              hub().now += one.turn;
              hub().step();
              model.turn(one.turn);
            }
            expect(real.log).toEqual(model.log);
            expect(real.state).toEqual(model.state);
          });
        } finally {
          for (const thread of real.threads) thread.kill();
          hub().step();
        }
        expect(real.threads.every(({ dead }) => dead)).toBe(true);
        expect(real.queue.statistics()).toMatchObject({ getting: 0, putting: 0, handedOver: 0 });
      }),
      { numRuns, seed },
    );
  },
  patience,
);
