// RLock and Condition do in random histories (kills, timeouts and aborts at every suspension) what plain reference models do,
// in the same order; who leaves Condition.wait has the lock, whatever ended it.
import fc from 'fast-check';
import { Condition, getCurrent, Lock, RLock, sleep } from 'verdant';
import { useVirtualClock } from '../support/virtual_clock';
import { expectSameHistories, patience, type WaitOptions } from './support/histories';
import { type Flow, RefError, type RefThread, type ReferenceWorld } from './support/reference_world';

useVirtualClock();

class RefLock {
  owner: RefThread | null = null;
  depth = 0;
  readonly waiting: RefThread[] = [];

  /** @param owned - whether its owner may acquire it again */
  constructor(
    readonly world: ReferenceWorld,
    readonly owned: boolean,
  ) {}

  #take(): boolean {
    const { current } = this.world;
    if (this.depth > 0 && !(this.owned && this.owner === current)) return false;
    this.owner = current;
    this.depth += 1;
    return true;
  }

  *acquire(options: WaitOptions<number>, mayWait: boolean): Flow {
    this.world.throwIfAborted(options.signal);
    if (this.#take()) return true;
    if (!mayWait) return false;
    return yield { ...options, queue: this.waiting, keeps: true, onTimeout: false };
  }

  get held(): boolean {
    return this.depth > 0 && (!this.owned || this.owner === this.world.current);
  }

  release(): void {
    if (!this.held) throw new RefError('ERR_VERDANT_NOT_OWNER');
    this.depth -= 1;
    if (this.depth === 0) this.#handOver();
  }

  #handOver(): void {
    const next = this.waiting[0];
    this.owner = next ?? null;
    if (next === undefined) return;
    this.depth = 1;
    this.world.wake(next, true);
  }

  releaseAll(): number {
    const { depth } = this;
    this.depth = 0;
    this.#handOver();
    return depth;
  }

  *reacquire(depth: number): Flow {
    if (!this.#take()) yield { queue: this.waiting, keeps: true, deaf: true };
    this.depth = depth;
    return undefined;
  }
}

test(
  'an RLock',
  async () => {
    type Step = 'acquire' | 'try' | 'release' | 'look';
    await expectSameHistories<Step>({
      step: fc.constantFrom('acquire', 'acquire', 'acquire', 'try', 'release', 'release', 'look'),
      real: () => {
        const lock = new RLock();
        const mine = () => lock.statistics().owner === getCurrent()?.id;
        const look = () => ({ locked: lock.locked(), mine: mine(), ...lock.statistics(), owner: undefined });
        return {
          act(step, _me, options) {
            if (step === 'look') return look();
            if (step === 'acquire') return lock.acquire(options);
            if (step === 'try') return lock.acquire({ blocking: false });
            lock.release();
            return null;
          },
          leave() {
            while (mine()) lock.release();
          },
          statistics: look,
        };
      },
      reference: (world) => {
        const lock = new RefLock(world, true);
        const look = () => ({
          locked: lock.depth > 0,
          mine: lock.held,
          depth: lock.depth,
          waiting: lock.waiting.length,
        });
        return {
          *act(step, _me, options) {
            if (step === 'look') return look();
            if (step === 'acquire') return yield* lock.acquire(options, true);
            if (step === 'try') return yield* lock.acquire({}, false);
            lock.release();
            return null;
          },
          leave() {
            while (lock.held) lock.release();
          },
          statistics: look,
        };
      },
    });
  },
  patience,
);

class RefCondition {
  readonly waiting: RefThread[] = [];

  constructor(
    readonly world: ReferenceWorld,
    readonly lock: RefLock,
  ) {}

  *wait(options: WaitOptions<number>): Flow {
    if (!this.lock.held) throw new RefError('ERR_VERDANT_NOT_LOCKED');
    this.world.throwIfAborted(options.signal);
    const depth = this.lock.releaseAll();
    try {
      yield { ...options, queue: this.waiting, keeps: true };
    } finally {
      yield* this.lock.reacquire(depth);
    }
    return null;
  }

  *waitFor(predicate: () => unknown, options: WaitOptions<number>): Flow {
    if (!this.lock.held) throw new RefError('ERR_VERDANT_NOT_LOCKED');
    const end = this.world.now + (options.timeout ?? 0);
    for (;;) {
      const result = predicate();
      if (result) return result;
      const left = options.timeout === undefined ? {} : { timeout: end - this.world.now };
      if (left.timeout !== undefined && left.timeout <= 0) throw new RefError('ERR_VERDANT_TIMEOUT');
      yield* this.wait({ ...options, ...left });
    }
  }

  notify(count: number): void {
    if (!this.lock.held) throw new RefError('ERR_VERDANT_NOT_LOCKED');
    for (const thread of this.waiting.slice(0, count)) this.world.wake(thread, undefined);
  }
}

type Guarded =
  | { do: 'wait'; twice: boolean }
  | { do: 'waitFor'; twice: boolean }
  | { do: 'hold'; ms: number }
  | { do: 'notify'; count: number; flag: boolean };
type Bare = 'wait' | 'notify' | 'look';

const guarded: fc.Arbitrary<Guarded> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('wait' as const, 'waitFor' as const), twice: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hold' as const), ms: fc.nat(3) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('notify' as const), count: fc.nat(3), flag: fc.boolean() }),
  },
);
const bare = fc.constantFrom<Bare>('wait', 'notify', 'look');

test.each([
  ['a Lock', false],
  ['an RLock', true],
])(
  'a Condition with %s',
  async (_name, owned) => {
    await expectSameHistories<Guarded | Bare>({
      step: fc.oneof({ weight: 6, arbitrary: guarded }, { weight: 1, arbitrary: bare }),
      real: () => {
        const lock = owned ? new RLock() : new Lock();
        const condition = new Condition(lock);
        let flag = false;
        const inside = (step: Guarded, options: WaitOptions<AbortSignal>): unknown => {
          if (step.do === 'hold') {
            sleep(step.ms);
            return undefined;
          }
          if (step.do === 'wait') return (condition.wait(options), null);
          if (step.do === 'waitFor') return condition.waitFor(() => flag, options);
          ({ flag } = step);
          if (step.count === 3) condition.notifyAll();
          else condition.notify(step.count);
          return null;
        };
        const guard = <R>(twice: boolean, fn: () => R): R => {
          condition.acquire();
          try {
            return twice ? guard(false, fn) : fn();
          } finally {
            condition.release();
          }
        };
        const look = () => ({ ...condition.statistics(), queued: lock.statistics().waiting });
        return {
          act(step, _me, options) {
            if (typeof step !== 'string') {
              return guard('twice' in step && step.twice && owned, () => inside(step, options));
            }
            if (step === 'look') return look();
            // Without the lock; one without an owner may happen to be locked.
            if (!owned && condition.locked()) return 'locked';
            if (step === 'wait') condition.wait(options);
            else condition.notify();
            return undefined;
          },
          statistics: look,
        };
      },
      reference: (world) => {
        const lock = new RefLock(world, owned);
        const condition = new RefCondition(world, lock);
        let flag = false;
        function* inside(step: Guarded, options: WaitOptions<number>): Flow {
          if (step.do === 'hold') return yield* world.sleep(step.ms);
          if (step.do === 'wait') return yield* condition.wait(options);
          if (step.do === 'waitFor') return yield* condition.waitFor(() => flag, options);
          ({ flag } = step);
          condition.notify(step.count === 3 ? Infinity : step.count);
          return null;
        }
        function* guard(twice: boolean, fn: () => Flow): Flow {
          yield* lock.acquire({}, true);
          try {
            return yield* twice ? guard(false, fn) : fn();
          } finally {
            lock.release();
          }
        }
        const look = () => ({
          waiting: condition.waiting.length,
          locked: lock.depth > 0,
          queued: lock.waiting.length,
        });
        return {
          *act(step, _me, options) {
            if (typeof step !== 'string') {
              return yield* guard('twice' in step && step.twice && owned, () => inside(step, options));
            }
            if (step === 'look') return look();
            if (!owned && lock.depth > 0) return 'locked';
            if (step === 'wait') return yield* condition.wait(options);
            condition.notify(1);
            return undefined;
          },
          statistics: look,
        };
      },
    });
  },
  patience,
);
