// RunQueue: a FIFO ring (against a plain array).
import fc from 'fast-check';
import { RunQueue } from '../../dist/hub/run_queue';

test('behaves like an array with push, shift and unshift', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('push', 'push', 'shift', 'unshift'), { maxLength: 400 }), (steps) => {
      const queue = new RunQueue<number>();
      const model: number[] = [];
      for (const [index, step] of steps.entries()) {
        if (step === 'shift') expect(queue.shift()).toBe(model.shift());
        else {
          queue[step](index);
          model[step](index);
        }
        expect(queue.size).toBe(model.length);
      }
      while (model.length > 0) expect(queue.shift()).toBe(model.shift());
      expect(queue.shift()).toBeUndefined();
      expect(queue.size).toBe(0);
    }),
  );
});

test.each([63, 64, 65, 1000])('keeps the order of %d items when it grows in the middle of its ring', (count) => {
  const queue = new RunQueue<number>();
  for (let item = 0; item < 40; item += 1) queue.push(-1);
  for (let item = 0; item < 40; item += 1) queue.shift();
  for (let item = 0; item < count; item += 1) queue.push(item);
  for (let item = 0; item < count; item += 1) expect(queue.shift()).toBe(item);
});

test('holds on to nothing that was taken out', async () => {
  const queue = new RunQueue<object>();
  const refs = Array.from({ length: 10 }, () => {
    const item = {};
    queue.push(item);
    return new WeakRef(item);
  });
  while (queue.shift() !== undefined);
  await new Promise((resolve) => setImmediate(resolve));
  global.gc!();
  expect(refs.filter((ref) => ref.deref() !== undefined)).toEqual([]);
});
