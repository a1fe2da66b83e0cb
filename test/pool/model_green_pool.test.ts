// GreenPool against a model of it: random spawns, ends, kills, timeouts, aborts and resizes, also several in one turn. Who
// runs, who waits and in which order they start is as the model says.
import fc from 'fast-check';
import { GreenPool, type GreenThread, sleep, spawn } from 'verdant';
import { park } from '../../dist/park';
import { WaitQueue } from '../../dist/wait_queue';
import { useVirtualClock } from '../support/virtual_clock';
import { playHistories, settle, Turns } from './support/histories';

useVirtualClock();

const patience = 100;

type Step =
  | { do: 'spawn'; patient: boolean }
  | { do: 'end' | 'killJob' | 'kill' | 'abort'; which: number }
  | { do: 'resize'; size: number }
  | { do: 'settle' | 'expire' };

const which = fc.nat(9);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('spawn' as const), patient: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'killJob' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('kill' as const, 'abort' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resize' as const), size: fc.nat(4) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('settle' as const, 'expire' as const) }) },
);
const history = fc.record({ size: fc.nat(3), steps: fc.array(step, { maxLength: 40 }) });

interface Request {
  id: number;
  patient: boolean;
  where: 'coming' | 'waiting' | 'granted' | 'starting' | 'running' | 'ending' | 'gone';
  killed: boolean;
  aborted: boolean;
  ending: boolean;
}

class Model {
  readonly turns = new Turns();
  readonly waiting: Request[] = [];
  readonly started: number[] = [];
  running = 0;

  constructor(public size: number) {}

  spawn(request: Request): void {
    this.turns.later(() => {
      if (request.killed) request.where = 'gone';
      else if (this.running < this.size) {
        this.running += 1;
        this.start(request);
      } else if (request.aborted) request.where = 'gone';
      else {
        request.where = 'waiting';
        this.waiting.push(request);
      }
    });
  }

  // The job's own first turn; one that has been killed or aborted before has none, but gives its place back then.
  start(request: Request): void {
    request.where = 'starting';
    this.turns.later(() => {
      if (!request.killed && !request.aborted) this.started.push(request.id);
      if (request.killed || request.aborted || request.ending) this.leave(request);
      else request.where = 'running';
    });
  }

  end(request: Request): void {
    request.ending = true;
    if (request.where !== 'running') return;
    request.where = 'ending';
    this.turns.later(() => this.leave(request));
  }

  leave(request: Request): void {
    request.where = 'gone';
    if (this.running > this.size || !this.grant()) this.running -= 1;
  }

  grant(): boolean {
    const next = this.waiting.shift();
    if (next === undefined) return false;
    next.where = 'granted';
    this.turns.later(() => this.start(next));
    return true;
  }

  resize(size: number): void {
    this.size = size;
    while (this.running < size && this.grant()) this.running += 1;
  }

  giveUp(request: Request): void {
    request.where = 'gone';
    this.waiting.splice(this.waiting.indexOf(request), 1);
  }

  abort(request: Request): void {
    if (request.where === 'waiting') this.giveUp(request);
    else {
      request.aborted = true;
      this.end(request);
    }
  }

  /** Kills the one that spawns: too late when it has its place. */
  kill(request: Request): void {
    if (request.where === 'coming') request.killed = true;
    if (request.where === 'waiting') this.giveUp(request);
  }

  killJob(request: Request): void {
    request.killed = true;
    this.end(request);
  }
}

interface Entry {
  request: Request;
  spawner: GreenThread;
  controller: AbortController;
  gate: WaitQueue;
  job: GreenThread | null;
}

test('every history goes as the model says', async () => {
  await playHistories(history, ({ size, steps }) => {
    const model = new Model(size);
    const pool = new GreenPool(size);
    const started: number[] = [];
    const all: Entry[] = [];

    const ask = (patient: boolean): void => {
      const [id, gate, controller] = [all.length, new WaitQueue(), new AbortController()];
      const options = { signal: controller.signal, timeout: patient ? undefined : patience };
      const request: Request = { id, patient, where: 'coming', killed: false, aborted: false, ending: false };
      const spawner = spawn(() => {
        entry.job = pool.spawn(options, () => {
          started.push(id);
          if (!request.ending) park('job', { queue: gate });
        });
        entry.job.catch(() => undefined);
      });
      spawner.catch(() => undefined);
      const entry: Entry = { request, spawner, controller, gate, job: null };
      all.push(entry);
      model.spawn(request);
    };
    const check = (): void => {
      settle();
      model.turns.runAll();
      expect(started).toEqual(model.started);
      expect([pool.running(), pool.waiting()]).toEqual([model.running, model.waiting.length]);
      for (const { request, job } of all) {
        expect(job?.state === 'suspended').toBe(request.where === 'running');
      }
    };
    const end = ({ request, gate }: Entry): void => {
      const { first } = gate;
      if (first !== null) {
        gate.remove(first);
        first.wake(undefined);
      }
      model.end(request);
    };
    const act = (each: Step, entry: Entry | undefined): void => {
      switch (each.do) {
        case 'spawn': {
          ask(each.patient);
          return;
        }
        case 'resize':
          pool.resize(each.size);
          {
            model.resize(each.size);
            return;
          }
        case 'settle': {
          check();
          return;
        }
        case 'expire':
          check();
          sleep(2 * patience);
          for (const waiting of model.waiting.filter(({ patient }) => !patient)) model.giveUp(waiting);
          {
            check();
            return;
          }
        case 'end':
          if (entry?.job !== null && entry !== undefined) end(entry);
          return undefined;
        case 'killJob':
          if (entry?.job === null || entry === undefined) return undefined;
          entry.job.kill();
          {
            model.killJob(entry.request);
            return;
          }
        case 'kill':
          if (entry === undefined) return undefined;
          entry.spawner.kill();
          {
            model.kill(entry.request);
            return;
          }
        case 'abort':
          entry?.controller.abort();
          if (entry !== undefined) model.abort(entry.request);
      }
      return undefined;
    };

    for (const each of steps) act(each, 'which' in each ? all[each.which % all.length] : undefined);
    check();
    pool.resize(1000);
    model.resize(1000);
    check();
    for (const entry of all) end(entry);
    check();
    expect(pool.statistics()).toEqual({ size: 1000, running: 0, free: 1000, waiting: 0, waitingForAll: 0 });
  });
});
