// imap, imapUnordered and GreenPile in random histories: results, errors, timeouts, kills, several consumers, nesting and early
// ends. No result is lost or given twice, their order holds, nobody runs outside of the pool, and nothing is left.
import fc from 'fast-check';
import { GreenPile, GreenPool, isTimeout, sleep, spawn, withTimeout } from 'verdant';
import { useVirtualClock } from '../support/virtual_clock';
import { playHistories } from './support/histories';

useVirtualClock();

const item = fc.record({ ms: fc.nat(3), fails: fc.boolean(), wait: fc.nat(2) });
const question = fc.record({ how: fc.constantFrom('patient', 'timeout', 'Timeout'), ms: fc.nat(3), pause: fc.nat(2) });

const mapping = fc.record({
  size: fc.integer({ min: 1, max: 4 }),
  others: fc.array(fc.nat(5), { maxLength: 3 }),
  unordered: fc.boolean(),
  member: fc.boolean(),
  items: fc.array(item, { maxLength: 15 }),
  questions: fc.array(fc.array(question, { maxLength: 15 }), { minLength: 1, maxLength: 3 }),
  thenClose: fc.boolean(),
  killAfter: fc.option(fc.nat(10)),
});

class Failure extends Error {
  constructor(readonly at: number) {
    super(`item ${at}`);
  }
}

// What a next() came to: the item's number whether it failed or not, or why there is none.
function ask(next: (timeout?: number) => IteratorResult<number, undefined>, how: string, ms: number): number | string {
  try {
    const step = how === 'Timeout' ? withTimeout(ms, () => next()) : how === 'timeout' ? next(ms) : next();
    return step.done === true ? 'over' : step.value;
  } catch (error) {
    if (error instanceof Failure) return error.at;
    if (isTimeout(error)) return 'late';
    throw error;
  }
}

test('of every imap, all results arrive once, in order, from within the pool', async () => {
  await playHistories(mapping, ({ size, others, unordered, member, items, questions, thenClose, killAfter }) => {
    const pool = new GreenPool(size);
    const running = new Set<number>();
    const begun = new Set<number>();
    let taken = 0;
    let most = 0;
    let closed = false;
    function* source(): Generator<number, void> {
      try {
        for (const [at, { wait }] of items.entries()) {
          // The one that is given was not counted yet; whoever asks has not taken its own.
          most = Math.max(most, at - taken);
          yield at;
          if (wait > 0) sleep(wait);
        }
      } finally {
        closed = true;
      }
    }
    const work = (at: number): number => {
      const { ms, fails } = items[at]!;
      expect(begun.has(at)).toBe(false);
      begun.add(at);
      running.add(at);
      expect(running.size).toBeLessThanOrEqual(size);
      try {
        sleep(ms);
        if (fails) throw new Failure(at);
        return at;
      } finally {
        running.delete(at);
      }
    };
    for (const ms of others) spawn(() => pool.spawn(() => sleep(ms)));
    const results = pool[unordered ? 'imapUnordered' : 'imap'](work, source());
    const got: number[] = [];
    const consume = (index: number) => (): void => {
      for (const { how, ms, pause } of questions[index]!) {
        // A member may run an item itself; an interruption of its own is that item's outcome then.
        const gentle = member ? 'patient' : how;
        const outcome = ask((timeout) => results.next(timeout === undefined ? undefined : { timeout }), gentle, ms);
        if (outcome === 'over') return;
        if (typeof outcome === 'number') {
          got.push(outcome);
          taken += 1;
        }
        sleep(pause);
      }
    };
    const consumers = questions.map((_, index) =>
      member ? spawn(() => pool.spawn(consume(index)).join()) : spawn(consume(index)),
    );
    if (killAfter !== null) {
      sleep(killAfter);
      if (!member) consumers[0]!.kill();
    }
    for (const consumer of consumers) consumer.join();
    if (!thenClose && killAfter === null) {
      for (
        let outcome = ask(() => results.next(), '', 0);
        outcome !== 'over';
        outcome = ask(() => results.next(), '', 0)
      ) {
        got.push(outcome as number);
        taken += 1;
      }
      expect([...got].sort((a, b) => a - b)).toEqual(items.map((_, at) => at));
    }
    results.return();
    pool.waitAll();
    expect(running.size).toBe(0);
    expect(new Set(got).size).toBe(got.length);
    // With several consumers each notes what it has got in its own turn.
    if (!unordered && questions.length === 1) expect(got).toEqual(got.map((_, at) => at));
    expect(begun.size === 0 || closed).toBe(true);
    if (questions.length === 1) expect(most).toBeLessThanOrEqual(size);
  });
});

const piling = fc.record({
  size: fc.integer({ min: 1, max: 4 }),
  spawners: fc.array(fc.array(item, { maxLength: 8 }), { minLength: 1, maxLength: 3 }),
  questions: fc.array(question, { maxLength: 20 }),
});

test('of every GreenPile, all results arrive once, in the order of spawning', async () => {
  await playHistories(piling, ({ size, spawners, questions }) => {
    const pile = new GreenPile<number>(size);
    const order: number[] = [];
    let count = 0;
    const threads = spawners.map((items) =>
      spawn(() => {
        for (const { ms, fails, wait } of items) {
          const number = (count += 1);
          pile.spawn(() => {
            sleep(ms);
            if (fails) throw new Failure(number);
            return number;
          });
          order.push(number);
          sleep(wait);
        }
      }),
    );
    const got: unknown[] = [];
    const next = (timeout?: number): IteratorResult<number, undefined> =>
      pile.next(timeout === undefined ? undefined : { timeout });
    for (const { how, ms, pause } of questions) {
      const outcome = ask(next, how, ms);
      if (typeof outcome === 'number') got.push(outcome);
      sleep(pause);
    }
    for (const thread of threads) thread.join();
    for (let outcome = ask(next, '', 0); outcome !== 'over'; outcome = ask(next, '', 0)) got.push(outcome);
    expect(got).toEqual(order);
    expect(pile.statistics()).toEqual({ results: 0, waiting: 0 });
  });
});
