// WaitQueue: first come first served, and any waiter may leave at any time (against a plain array).
import fc from 'fast-check';
import { WaitQueue, type Waiter } from '../../dist/wait_queue';

function waiters(count: number): Waiter[] {
  return Array.from({ length: count }, (_, number) => ({
    queue: null,
    before: null,
    after: null,
    carries: undefined,
    wake: () => true,
    wakeWithError: () => true,
    describe: () => `waiter ${number}`,
  }));
}

function drain(queue: WaitQueue): Waiter[] {
  const order: Waiter[] = [];
  for (let { first } = queue; first !== null; { first } = queue) {
    order.push(first);
    queue.remove(first);
  }
  return order;
}

test('behaves like an array from which the first, or any, is taken', () => {
  const step = fc.record({ what: fc.constantFrom('push', 'remove', 'first'), which: fc.nat(19) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const all = waiters(20);
      const queue = new WaitQueue();
      const model: Waiter[] = [];
      for (const { what, which } of steps) {
        const waiter = what === 'first' ? queue.first : all[which]!;
        const at = waiter === null ? -1 : model.indexOf(waiter);
        if (what === 'push' && at === -1) {
          queue.push(waiter!);
          model.push(waiter!);
        } else if (what !== 'push' && waiter !== null) {
          queue.remove(waiter);
          if (at !== -1) model.splice(at, 1);
        }
        expect(queue.size).toBe(model.length);
        expect(queue.first).toBe(model[0] ?? null);
      }
      expect(drain(queue)).toEqual(model);
    }),
  );
});

test('removing a waiter of another queue changes neither', () => {
  const [waiter] = waiters(1);
  const [mine, other] = [new WaitQueue(), new WaitQueue()];
  mine.push(waiter!);
  other.remove(waiter!);
  expect([mine.size, other.size, mine.first]).toEqual([1, 0, waiter]);
});

test('a waiter that has left refers to nobody', () => {
  const [a, b, c] = waiters(3) as [Waiter, Waiter, Waiter];
  const queue = new WaitQueue();
  for (const waiter of [a, b, c]) queue.push(waiter);
  queue.remove(b);
  expect(b).toMatchObject({ queue: null, before: null, after: null });
  expect([a.after === c, c.before === a]).toEqual([true, true]);
});
