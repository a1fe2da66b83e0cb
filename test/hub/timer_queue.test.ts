// TimerQueue: by deadline, then first come first served; cancelled ones never fire and do not pile up (against a list).
import fc from 'fast-check';
import { type Timer, TimerQueue } from '../../dist/hub/timer_queue';

function fireAll(queue: TimerQueue, now: number): void {
  for (let fire = queue.takeDue(now); fire !== null; fire = queue.takeDue(now)) fire();
}

interface Model {
  id: number;
  deadline: number;
  timer: Timer;
}

test('behaves like a list that is sorted by deadline and age', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ what: fc.constant('add' as const), ms: fc.nat(20) }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('cancel' as const), ms: fc.nat(1000) }) },
    { weight: 2, arbitrary: fc.record({ what: fc.constant('advance' as const), ms: fc.nat(10) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const queue = new TimerQueue();
      const fired: number[] = [];
      let expected: number[] = [];
      let pending: Model[] = [];
      let now = 0;
      for (const [id, { what, ms }] of steps.entries()) {
        if (what === 'add') {
          const deadline = now + ms;
          pending.push({ id, deadline, timer: queue.add(deadline, () => fired.push(id)) });
        } else if (what === 'cancel' && pending.length > 0) {
          const [gone] = pending.splice(ms % pending.length, 1);
          gone!.timer.cancel();
          gone!.timer.cancel();
          expect(gone!.timer.pending).toBe(false);
        } else if (what === 'advance') {
          now += ms;
          fireAll(queue, now);
          const due = pending.filter(({ deadline }) => deadline <= now).sort((a, b) => a.deadline - b.deadline);
          pending = pending.filter(({ deadline }) => deadline > now);
          expected = expected.concat(due.map((model) => model.id));
          for (const { timer } of due) expect(timer.pending).toBe(false);
        }
        expect(fired).toEqual(expected);
        expect(queue.size).toBe(pending.length);
        expect(queue.earliest()).toBe(pending.length === 0 ? null : Math.min(...pending.map((m) => m.deadline)));
        for (const { timer } of pending) expect(timer.pending).toBe(true);
      }
    }),
  );
});

test('a thousand timers of equal deadline fire in the order in which they were added', () => {
  const queue = new TimerQueue();
  const fired: number[] = [];
  for (let id = 0; id < 1000; id += 1) queue.add(5, () => fired.push(id));
  fireAll(queue, 5);
  expect(fired).toEqual(Array.from({ length: 1000 }, (_, id) => id));
});

test('equal deadlines keep their order although others in between are cancelled and compacted', () => {
  const queue = new TimerQueue();
  const fired: number[] = [];
  const timers = Array.from({ length: 1000 }, (_, id) => queue.add(5, () => fired.push(id)));
  for (const [id, timer] of timers.entries()) if (id % 10 !== 0) timer.cancel();
  fireAll(queue, 5);
  expect(fired).toEqual(Array.from({ length: 100 }, (_, index) => index * 10));
});

test('cancelled timers are never the greater part for long', () => {
  const queue = new TimerQueue();
  for (let id = 0; id < 100; id += 1) queue.add(1e6, () => undefined);
  for (let id = 0; id < 100_000; id += 1) queue.add(1e6 + id, () => undefined).cancel();
  expect(queue.size).toBe(100);
  expect(queue.held).toBeLessThanOrEqual(400);
});

test('a few cancelled timers are not worth compacting', () => {
  const queue = new TimerQueue();
  for (let id = 0; id < 1000; id += 1) queue.add(1e6, () => undefined);
  for (let id = 0; id < 100; id += 1) queue.add(2e6, () => undefined).cancel();
  expect(queue.held).toBe(1100);
});

test('tells when a pending timer was cancelled, and only then', () => {
  const cancelled = jest.fn();
  const queue = new TimerQueue(cancelled);
  const [fired, taken] = [queue.add(1, () => undefined), queue.add(2, () => undefined)];
  fireAll(queue, 1);
  fired.cancel();
  expect(cancelled).not.toHaveBeenCalled();
  taken.cancel();
  taken.cancel();
  expect(cancelled).toHaveBeenCalledTimes(1);
});

test('a timer that a callback adds or cancels counts at once', () => {
  const queue = new TimerQueue();
  const fired: string[] = [];
  queue.add(1, () => {
    fired.push('first');
    later.cancel();
    queue.add(1, () => fired.push('added'));
  });
  const later = queue.add(1, () => fired.push('cancelled'));
  fireAll(queue, 1);
  expect(fired).toEqual(['first', 'added']);
});
