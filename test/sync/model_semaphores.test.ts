// Semaphore, BoundedSemaphore, CappedSemaphore and Lock do in random histories (kills, timeouts and aborts at every
// suspension) what plain reference models do, in the same order. VERDANT_HISTORIES says how many; the default is 200 each.
import fc from 'fast-check';
import { BoundedSemaphore, CappedSemaphore, Lock, Semaphore } from 'verdant';
import { useVirtualClock } from '../support/virtual_clock';
import { expectSameHistories, type Pair, patience, type WaitOptions } from './support/histories';
import { type Flow, RefError, type RefThread, type ReferenceWorld } from './support/reference_world';

useVirtualClock();

type Step = 'acquire' | 'try' | 'release' | 'look';

class RefSemaphore {
  readonly #waiting: RefThread[] = [];

  constructor(
    readonly world: ReferenceWorld,
    public free: number,
    readonly most: number,
    readonly tooMany: string,
  ) {}

  *acquire(options: WaitOptions<number>, mayWait: boolean): Flow {
    this.world.throwIfAborted(options.signal);
    if (this.free > 0) {
      this.free -= 1;
      return true;
    }
    if (!mayWait) return false;
    const got = yield { ...options, queue: this.#waiting, keeps: true, onTimeout: false };
    return got;
  }

  release(): void {
    if (this.free === this.most) throw new RefError(this.tooMany);
    if (this.#waiting.length > 0) this.world.wake(this.#waiting[0]!, true);
    else this.free += 1;
  }

  get balance(): number {
    return this.free - this.#waiting.length;
  }

  statistics(): unknown {
    return [this.balance, { free: this.free, waiting: this.#waiting.length }];
  }
}

function pairOf(make: () => Semaphore, value: number, most: number, tooMany: string): Pair<Step> {
  return {
    step: fc.constantFrom('acquire', 'acquire', 'acquire', 'try', 'release', 'release', 'look'),
    plainStep: fc.constantFrom('try', 'release', 'look'),
    real: () => {
      const semaphore = make();
      return {
        act(step, _me, options) {
          if (step === 'look') return [semaphore.locked(), semaphore.balance];
          if (step === 'acquire') return semaphore.acquire(options);
          if (step === 'try') return semaphore.acquire({ blocking: false });
          semaphore.release();
          return null;
        },
        statistics: () => [semaphore.balance, semaphore.statistics()],
      };
    },
    reference: (world) => {
      const semaphore = new RefSemaphore(world, value, most, tooMany);
      return {
        *act(step, _me, options) {
          if (step === 'look') return [semaphore.free === 0, semaphore.balance];
          if (step === 'acquire') return yield* semaphore.acquire(options, true);
          if (step === 'try') return yield* semaphore.acquire({}, false);
          semaphore.release();
          return null;
        },
        statistics: () => semaphore.statistics(),
      };
    },
  };
}

test.each([0, 1, 3])(
  'a Semaphore of %i',
  (value) => expectSameHistories(pairOf(() => new Semaphore(value), value, Infinity, '')),
  patience,
);

test(
  'a BoundedSemaphore',
  () => expectSameHistories(pairOf(() => new BoundedSemaphore(2), 2, 2, 'ERR_VERDANT_OVER_RELEASE')),
  patience,
);

test('a Lock', () => expectSameHistories(pairOf(() => new Lock(), 1, 1, 'ERR_VERDANT_NOT_LOCKED')), patience);

class RefCapped {
  readonly #acquiring: RefThread[] = [];
  readonly #releasing: RefThread[] = [];

  constructor(
    readonly world: ReferenceWorld,
    public free: number,
    readonly limit: number,
  ) {}

  *acquire(options: WaitOptions<number>, mayWait: boolean): Flow {
    this.world.throwIfAborted(options.signal);
    return yield* this.#meet(this.#releasing, this.#acquiring, -1, options, mayWait);
  }

  *release(options: WaitOptions<number>, mayWait: boolean): Flow {
    this.world.throwIfAborted(options.signal);
    return yield* this.#meet(this.#acquiring, this.#releasing, 1, options, mayWait);
  }

  *#meet(others: RefThread[], mine: RefThread[], by: number, options: WaitOptions<number>, mayWait: boolean): Flow {
    const after = this.free + by;
    if (others.length > 0) this.world.wake(others[0]!, true);
    else if (after >= 0 && after <= this.limit) this.free = after;
    else if (mayWait) return yield { ...options, queue: mine, keeps: true, onTimeout: false };
    else return false;
    return true;
  }

  look(): unknown {
    const [acquiring, releasing] = [this.#acquiring.length, this.#releasing.length];
    const balance = this.free - acquiring + releasing;
    return { locked: balance <= 0, bounded: balance >= this.limit, balance, free: this.free, acquiring, releasing };
  }
}

test.each([
  [2, 3],
  [0, 1],
  [0, 0],
])(
  'a CappedSemaphore of %i, at most %i',
  async (value, limit) => {
    type CappedStep = { end: 'acquire' | 'release'; wait: boolean } | 'look';
    const call = (wait: boolean): fc.Arbitrary<CappedStep> =>
      fc.oneof(
        { weight: 4, arbitrary: fc.record({ end: fc.constantFrom('acquire', 'release'), wait: fc.constant(wait) }) },
        { weight: 1, arbitrary: fc.constant('look' as const) },
      );
    await expectSameHistories<CappedStep>({
      step: fc.oneof({ weight: 3, arbitrary: call(true) }, { weight: 1, arbitrary: call(false) }),
      plainStep: call(false),
      real: () => {
        const semaphore = new CappedSemaphore(value, limit);
        const look = () => ({
          locked: semaphore.locked(),
          bounded: semaphore.bounded(),
          balance: semaphore.balance,
          ...semaphore.statistics(),
        });
        return {
          act(step, _me, options) {
            if (step === 'look') return look();
            return semaphore[step.end](step.wait ? options : { blocking: false });
          },
          statistics: look,
        };
      },
      reference: (world) => {
        const semaphore = new RefCapped(world, value, limit);
        return {
          *act(step, _me, options) {
            if (step === 'look') return semaphore.look();
            return yield* semaphore[step.end](step.wait ? options : {}, step.wait);
          },
          statistics: () => semaphore.look(),
        };
      },
    });
  },
  patience,
);
