// Random histories on one green thread each; a failing one is shown with its seed, and shrunk.
import fc from 'fast-check';
import { run, sleep } from 'verdant';
import { getHub } from 'verdant/hub';

const numRuns = Number(process.env.VERDANT_HISTORIES ?? 300);

if (numRuns > 1000) jest.setTimeout(20 * numRuns);

/** Plays `history` for many random values; afterwards, no other green thread may be left. */
export async function playHistories<T>(arbitrary: fc.Arbitrary<T>, history: (value: T) => void): Promise<void> {
  // Values are made, and failing ones shrunk, on Node's own stack, which is larger than a green thread's.
  const play = (value: T): Promise<void> =>
    run(() => {
      history(value);
      settle();
      expect(getHub().stats()).toMatchObject({ greenThreads: 1, ready: 0, timers: 0 });
    });
  await fc.assert(fc.asyncProperty(arbitrary, play), { numRuns });
}

/** Lets all run that are ready, and those that they wake. */
export function settle(): void {
  do sleep(0);
  while (getHub().stats().ready > 0);
}

/** What the model has for the hub's run queue: first come, first served. */
export class Turns {
  readonly #queue: (() => void)[] = [];

  later(step: () => void): void {
    this.#queue.push(step);
  }

  runAll(): void {
    for (let step = this.#queue.shift(); step !== undefined; step = this.#queue.shift()) step();
  }
}
