// Barrier, WaitGroup and GreenLocal do in random histories (kills, timeouts and aborts at every suspension) what plain
// reference models do, in the same order.
import fc from 'fast-check';
import { Barrier, GreenLocal, sleep, VerdantError, WaitGroup } from 'verdant';
import { useVirtualClock } from '../support/virtual_clock';
import { expectSameHistories, patience, type WaitOptions } from './support/histories';
import { type Flow, RefError, type RefThread, type ReferenceWorld } from './support/reference_world';

useVirtualClock();

interface RefRound {
  waiting: RefThread[];
  arrived: number;
  state: 'open' | 'passed' | 'broken';
}

class RefBarrier {
  broken = false;
  rounds: RefRound[] = [{ waiting: [], arrived: 0, state: 'open' }];

  constructor(
    readonly world: ReferenceWorld,
    readonly parties: number,
    readonly action: () => Flow,
  ) {}

  get filling(): RefRound {
    return this.rounds.at(-1)!;
  }

  *wait(options: WaitOptions<number>): Flow {
    this.world.throwIfAborted(options.signal);
    if (this.broken) throw new RefError('ERR_VERDANT_BROKEN_BARRIER');
    const round = this.filling;
    const index = round.arrived;
    round.arrived += 1;
    if (round.arrived === this.parties) yield* this.#pass(round);
    else {
      try {
        yield { ...options, queue: round.waiting };
      } catch (error) {
        if (round.state === 'open') this.abort();
        throw error;
      }
    }
    return index;
  }

  *#pass(round: RefRound): Flow {
    this.rounds.push({ waiting: [], arrived: 0, state: 'open' });
    try {
      yield* this.action();
    } catch (error) {
      if (round.state === 'open') this.abort();
      throw error;
    } finally {
      this.rounds = this.rounds.filter((each) => each !== round);
    }
    if (round.state === 'broken') throw new RefError('ERR_VERDANT_BROKEN_BARRIER');
    round.state = 'passed';
    for (const thread of [...round.waiting]) this.world.wake(thread, undefined);
    return undefined;
  }

  abort(): void {
    this.broken = true;
    for (const round of this.rounds) {
      round.state = 'broken';
      for (const thread of [...round.waiting]) this.world.fail(thread, new RefError('ERR_VERDANT_BROKEN_BARRIER'));
    }
  }

  reset(): void {
    this.abort();
    this.rounds.push({ waiting: [], arrived: 0, state: 'open' });
    this.broken = false;
  }
}

type BarrierStep = 'wait' | 'abort' | 'reset' | 'look';

test.each([
  [1, 'quick'],
  [2, 'quick'],
  [2, 'blocking'],
  [3, 'none'],
  [3, 'blocking'],
] as const)(
  'a Barrier of %i with an action: %s',
  (parties, kind) =>
    expectSameHistories<BarrierStep>({
      step: fc.oneof(
        { weight: 8, arbitrary: fc.constant('wait' as const) },
        { weight: 1, arbitrary: fc.constantFrom<BarrierStep>('abort', 'reset', 'reset', 'look') },
      ),
      plainStep: fc.constantFrom<BarrierStep>('abort', 'reset', 'look'),
      real: () => {
        let calls = 0;
        const action = () => {
          calls += 1;
          if (kind === 'blocking') sleep(2);
          if (calls % 4 === 0) throw new VerdantError('action', '');
        };
        const barrier = kind === 'none' ? new Barrier(parties) : new Barrier(parties, action);
        return {
          act(step, _me, options) {
            if (step === 'wait') return barrier.wait(options);
            if (step === 'look') return [barrier.statistics(), calls];
            barrier[step]();
            return undefined;
          },
          statistics: () => [barrier.statistics(), barrier.broken, barrier.waiting(), calls],
        };
      },
      reference: (world) => {
        let calls = 0;
        const barrier = new RefBarrier(world, parties, function* () {
          if (kind === 'none') return undefined;
          calls += 1;
          const call = calls;
          if (kind === 'blocking') yield* world.sleep(2);
          if (calls % 4 === 0) throw new RefError('action');
          return call;
        });
        const look = () => ({ parties, waiting: barrier.filling.waiting.length, broken: barrier.broken });
        return {
          *act(step, _me, options) {
            if (step === 'wait') return yield* barrier.wait(options);
            if (step === 'look') return [look(), calls];
            barrier[step]();
            return undefined;
          },
          statistics: () => [look(), barrier.broken, barrier.filling.waiting.length, calls],
        };
      },
    }),
  patience,
);

type GroupStep = 'wait' | 'look' | 'done' | { add: number };

test(
  'a WaitGroup',
  () => {
    const quick = fc.oneof(
      fc.record({ add: fc.integer({ min: -2, max: 3 }) }),
      fc.constantFrom<GroupStep>('done', 'done', 'look'),
    );
    return expectSameHistories<GroupStep>({
      step: fc.oneof(fc.constant<GroupStep>('wait'), quick),
      plainStep: quick,
      real: () => {
        const group = new WaitGroup();
        return {
          act(step, _me, options) {
            if (step === 'wait') {
              group.wait(options);
              return undefined;
            }
            if (step === 'done') {
              group.done();
              return undefined;
            }
            if (step === 'look') return [group.count, group.statistics()];
            group.add(step.add);
            return undefined;
          },
          statistics: () => group.statistics(),
        };
      },
      reference: (world) => {
        let count = 0;
        const waiting: RefThread[] = [];
        const look = () => ({ count, waiting: waiting.length });
        return {
          *act(step, _me, options) {
            if (step === 'look') return [count, look()];
            if (step === 'wait') {
              world.throwIfAborted(options.signal);
              if (count > 0) yield { ...options, queue: waiting };
              return undefined;
            }
            const by = step === 'done' ? -1 : step.add;
            if (count + by < 0) throw new RefError('ERR_VERDANT_TOO_MANY_DONE');
            count += by;
            if (count === 0) for (const thread of [...waiting]) world.wake(thread, undefined);
            return undefined;
          },
          statistics: look,
        };
      },
    });
  },
  patience,
);

type LocalStep = 'get' | 'has' | 'delete' | { set: number };

test(
  'a GreenLocal whose initialiser blocks',
  () => {
    const quick = fc.oneof(fc.record({ set: fc.nat(9) }), fc.constantFrom<LocalStep>('has', 'delete'));
    return expectSameHistories<LocalStep>({
      step: fc.oneof({ weight: 2, arbitrary: fc.constant<LocalStep>('get') }, { weight: 1, arbitrary: quick }),
      plainStep: quick,
      real: () => {
        let made = 100;
        const local = new GreenLocal(() => {
          sleep(1);
          made += 1;
          return made;
        });
        return {
          act(step) {
            if (step === 'get') return local.get();
            if (step === 'has') return local.has();
            if (step === 'delete') return local.delete();
            local.set(step.set);
            return undefined;
          },
          statistics: () => local.statistics(),
        };
      },
      reference: (world) => {
        let made = 100;
        let created = 0;
        const values = new Map<number, number>();
        const set = (me: number, value: number) => {
          if (!values.has(me)) created += 1;
          values.set(me, value);
        };
        return {
          *act(step, me) {
            if (step === 'has') return values.has(me);
            if (step === 'delete') return values.delete(me);
            if (step !== 'get') {
              set(me, step.set);
              return undefined;
            }
            if (!values.has(me)) {
              yield* world.sleep(1);
              made += 1;
              set(me, made);
            }
            return values.get(me);
          },
          statistics: () => ({ created }),
        };
      },
    });
  },
  patience,
);
