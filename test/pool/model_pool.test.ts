// Pool against a model of it: random gets, puts, kills, timeouts, aborts, resizes and failing creates, also several in one
// turn. Who gets which item, and all the counts, are as the model says.
import fc from 'fast-check';
import { type GreenThread, Pool, sleep, spawn } from 'verdant';
import { useVirtualClock } from '../support/virtual_clock';
import { playHistories, settle, Turns } from './support/histories';

useVirtualClock();

const patience = 100;

type Step =
  | { do: 'get'; patient: boolean }
  | { do: 'put' | 'discard' | 'kill' | 'abort'; which: number }
  | { do: 'resize'; max: number }
  | { do: 'fail' | 'settle' | 'expire' };

const which = fc.nat(9);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('get' as const), patient: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('put' as const, 'discard' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('kill' as const, 'abort' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resize' as const), max: fc.nat(4) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('fail' as const, 'settle' as const, 'expire' as const) }) },
);
const history = fc.record({
  max: fc.nat(3),
  lifo: fc.boolean(),
  steps: fc.array(step, { maxLength: 40 }),
});

type Outcome = number | 'killed' | 'aborted' | 'late' | 'failed' | undefined;

interface User {
  patient: boolean;
  where: 'coming' | 'waiting' | 'served';
  outcome: Outcome;
  interrupted: 'killed' | 'aborted' | null;
}

class Model {
  readonly turns = new Turns();
  readonly idle: number[] = [];
  readonly waiting: User[] = [];
  size = 0;
  made = 0;
  failing = 0;

  constructor(
    public max: number,
    readonly lifo: boolean,
  ) {}

  get(user: User): void {
    this.turns.later(() => {
      if (user.interrupted !== null) this.leave(user, user.interrupted);
      else if (this.idle.length > 0) user.outcome = this.lifo ? this.idle.pop() : this.idle.shift();
      else if (this.size < this.max) {
        this.size += 1;
        this.make(user);
      } else {
        user.where = 'waiting';
        this.waiting.push(user);
      }
    });
  }

  make(user: User): void {
    if (user.interrupted === 'aborted') {
      // It has a place, but has not begun to make anything.
      user.outcome = 'aborted';
      this.free();
    } else if (this.failing > 0) {
      this.failing -= 1;
      user.outcome = 'failed';
      this.free();
    } else user.outcome = this.made += 1;
  }

  serve(how: (user: User) => void): boolean {
    const user = this.waiting.shift();
    if (user === undefined) return false;
    user.where = 'served';
    this.turns.later(() => how(user));
    return true;
  }

  free(): void {
    if (this.size <= this.max && this.serve((user) => this.make(user))) return;
    this.size -= 1;
  }

  put(item: number): void {
    if (this.size > this.max) this.size -= 1;
    else if (!this.serve((user) => void (user.outcome = item))) this.idle.push(item);
  }

  resize(max: number): void {
    this.max = max;
    while (this.size < max && this.serve((user) => this.make(user))) this.size += 1;
    while (this.size > max && this.idle.length > 0) {
      this.idle.shift();
      this.size -= 1;
    }
  }

  leave(user: User, outcome: Outcome): void {
    user.outcome = outcome;
    if (user.where === 'waiting') this.waiting.splice(this.waiting.indexOf(user), 1);
    user.where = 'served';
  }

  interrupt(user: User, how: 'killed' | 'aborted'): void {
    if (user.where === 'waiting') this.leave(user, how);
    // One that has not begun is killed for good; the signal is only looked at when it begins.
    else if (user.where === 'coming' && user.interrupted !== 'killed') user.interrupted = how;
    else if (user.where === 'served' && how === 'aborted') user.interrupted = how;
  }

  expire(): void {
    for (const user of this.waiting.filter(({ patient }) => !patient)) this.leave(user, 'late');
  }
}

test('every history goes as the model says', async () => {
  await playHistories(history, ({ max, lifo, steps }) => {
    const model = new Model(max, lifo);
    let made = 0;
    let failing = 0;
    const create = (): number => {
      if (failing > 0) {
        failing -= 1;
        throw new Error('failed');
      }
      return (made += 1);
    };
    const pool = new Pool({ max, order: lifo ? 'lifo' : 'fifo', create });
    const users: { user: User; thread: GreenThread; controller: AbortController; outcome: Outcome }[] = [];
    const taken = new Set<number>(); // by users that nobody has put back for yet

    const start = (patient: boolean): void => {
      const controller = new AbortController();
      const user: User = { patient, where: 'coming', outcome: undefined, interrupted: null };
      const { signal } = controller;
      const thread = spawn(() => {
        try {
          entry.outcome = pool.get(patient ? { signal } : { signal, timeout: patience });
          taken.add(entry.outcome);
        } catch (error) {
          const { message, code } = error as { message: string; code?: string };
          entry.outcome = code === 'ERR_VERDANT_TIMEOUT' ? 'late' : (message as Outcome);
        }
      });
      const entry = { user, thread, controller, outcome: undefined as Outcome };
      users.push(entry);
      model.get(user);
      // Its arrival is a turn of the model, too.
      model.turns.later(() => user.where === 'coming' && (user.where = 'served'));
    };
    const check = (): void => {
      settle();
      model.turns.runAll();
      for (const { thread, user, outcome } of users) {
        const killedUnstarted = thread.state === 'killed' && !thread.started;
        expect(killedUnstarted ? 'killed' : outcome).toBe(user.outcome);
      }
      expect([pool.waiting(), pool.statistics().size, pool.statistics().idle]).toEqual([
        model.waiting.length,
        model.size,
        model.idle.length,
      ]);
      expect(pool.statistics().inUse).toBe(taken.size);
    };
    const pick = <E>(list: E[], at: number): E | undefined => list[at % list.length];

    for (const each of steps) {
      switch (each.do) {
        case 'get':
          start(each.patient);
          break;
        case 'put':
        case 'discard': {
          const item = pick([...taken], each.which);
          if (item === undefined) break;
          taken.delete(item);
          pool[each.do](item);
          if (each.do === 'put') model.put(item);
          else model.free();
          break;
        }
        case 'kill':
        case 'abort': {
          const entry = pick(users, each.which);
          if (entry === undefined || entry.thread.dead) break;
          if (each.do === 'kill') entry.thread.kill(new Error('killed'));
          else entry.controller.abort(new Error('aborted'));
          model.interrupt(entry.user, each.do === 'kill' ? 'killed' : 'aborted');
          entry.thread.catch(() => undefined);
          break;
        }
        case 'resize':
          pool.resize(each.max);
          model.resize(each.max);
          break;
        case 'fail':
          failing += 1;
          model.failing += 1;
          break;
        case 'settle':
          check();
          break;
        case 'expire':
          check();
          sleep(2 * patience);
          model.expire();
          check();
      }
    }
    check();
    for (const { thread, user } of users) {
      if (thread.dead) continue;
      thread.kill(new Error('killed'));
      thread.catch(() => undefined);
      model.interrupt(user, 'killed');
    }
    check();
    expect(pool.waiting()).toBe(0);
  });
});
