// Barrier: all pass or none, round after round; what breaks it, and what makes it whole.
import { Barrier, joinAll, run, sleep, spawn } from 'verdant';
import { code, thrown } from '../core/thrown';
import { useVirtualClock } from '../support/virtual_clock';

useVirtualClock();

const broken = code('ERR_VERDANT_BROKEN_BARRIER');

test('nobody passes before the last has come, then all do, round after round', async () => {
  const barrier = new Barrier(3);
  const order: string[] = [];
  await run(() => {
    const threads = ['a', 'b', 'c'].map((name, at) =>
      spawn(() => {
        for (let round = 0; round < 2; round += 1) {
          sleep(at);
          order.push(`${name} comes`);
          order.push(`${name} was ${barrier.wait()}`);
        }
      }),
    );
    joinAll(threads);
  });
  const round = ['a comes', 'b comes', 'c comes', 'c was 2', 'a was 0', 'b was 1'];
  expect([...order.slice(0, 6), ...order.slice(6).sort()]).toEqual([...round, ...[...round].sort()]);
  expect(barrier.statistics()).toEqual({ parties: 3, waiting: 0, broken: false });
});

test('the action runs once in each round, on the last to come, before any goes on', async () => {
  const order: string[] = [];
  const barrier = new Barrier(2, () => {
    sleep(5); // it may block
    order.push('action');
  });
  await run(() => {
    joinAll(
      [1, 2].map((number) =>
        spawn(() => {
          barrier.wait();
          order.push(`${number} passes`);
        }),
      ),
    );
  });
  expect(order).toEqual(['action', '2 passes', '1 passes']);
});

test('an action that throws breaks the barrier: its caller gets the error, the others hear of it', async () => {
  const error = new Error('action');
  const barrier = new Barrier(2, () => {
    throw error;
  });
  await run(() => {
    const first = spawn(() => thrown(() => barrier.wait()));
    sleep(0);
    expect(thrown(() => barrier.wait())).toBe(error);
    expect(first.wait()).toEqual(broken);
    expect(barrier.broken).toBe(true);
  });
});

describe('a barrier is broken for all by', () => {
  test('a timeout of one that waits, who gets that', async () => {
    const barrier = new Barrier(3);
    await run(() => {
      const patient = spawn(() => thrown(() => barrier.wait()));
      expect(thrown(() => barrier.wait({ timeout: 1 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
      expect(patient.wait()).toEqual(broken);
      expect(thrown(() => barrier.wait())).toEqual(broken);
    });
  });

  test('a kill of one that waits', async () => {
    const barrier = new Barrier(3);
    await run(() => {
      const [victim, other] = [spawn(() => barrier.wait()), spawn(() => thrown(() => barrier.wait()))];
      sleep(0);
      expect(barrier.waiting()).toBe(2);
      victim.kill();
      expect(other.wait()).toEqual(broken);
      expect([victim.join(), barrier.waiting()]).toEqual([true, 0]);
    });
  });

  test('an abort of one that waits, who gets the reason', async () => {
    const barrier = new Barrier(2);
    const controller = new AbortController();
    const reason = new Error('reason');
    const waiter = spawn(() => thrown(() => barrier.wait({ signal: controller.signal })));
    spawn(() => controller.abort(reason));
    expect(await waiter).toBe(reason);
    expect(barrier.broken).toBe(true);
  });

  test('abort(), from wherever', async () => {
    const barrier = new Barrier(2);
    const waiter = spawn(() => thrown(() => barrier.wait()));
    setImmediate(() => barrier.abort());
    expect(await waiter).toEqual(broken);
    expect(barrier.broken).toBe(true);
  });
});

test('a kill of one that was let through, and has not run yet, breaks nothing', async () => {
  const barrier = new Barrier(2);
  await run(() => {
    const victim = spawn(() => barrier.wait());
    sleep(0);
    barrier.wait();
    victim.kill();
    victim.join();
    expect([victim.state, barrier.broken]).toEqual(['killed', false]);
  });
});

test('reset() turns out who waits, and makes the barrier whole', async () => {
  const barrier = new Barrier(2);
  await run(() => {
    const waiter = spawn(() => thrown(() => barrier.wait()));
    sleep(0);
    barrier.reset();
    expect(waiter.wait()).toEqual(broken);
    barrier.abort();
    barrier.reset();
    const [one, other] = [spawn(() => barrier.wait()), spawn(() => barrier.wait())];
    expect([one.wait(), other.wait(), barrier.broken]).toEqual([0, 1, false]);
  });
});

test('a signal that has aborted before keeps its owner out, and breaks nothing', async () => {
  const barrier = new Barrier(2);
  const reason = new Error('reason');
  await run(() => {
    expect(thrown(() => barrier.wait({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    const other = spawn(() => barrier.wait());
    sleep(0);
    expect([barrier.wait(), other.wait(), barrier.broken]).toEqual([1, 0, false]);
  });
});

test('plain code is refused, and has not come', async () => {
  const barrier = new Barrier(2);
  expect(thrown(() => barrier.wait())).toEqual(code('ERR_VERDANT_NOT_GREEN'));
  const [one, other] = [spawn(() => barrier.wait()), spawn(() => barrier.wait())];
  expect([await one, await other]).toEqual([0, 1]);
});

test('a barrier of one lets everybody through', async () => {
  const barrier = new Barrier(1);
  expect(await run(() => [barrier.wait(), barrier.wait()])).toEqual([0, 0]);
});

test.each([
  [[0], 'ERR_OUT_OF_RANGE'],
  [[1.5], 'ERR_OUT_OF_RANGE'],
  [['2'], 'ERR_INVALID_ARG_TYPE'],
  [[2, 1], 'ERR_INVALID_ARG_TYPE'],
])('a barrier cannot be made with %p', (args, expected) => {
  expect(thrown(() => new Barrier(...(args as [number])))).toEqual(code(expected));
});
