// park, the one way to block: however it ends, it ends once, and leaves no listener, no timer, no place in a queue.
import { getEventListeners } from 'node:events';
import { type GreenThread, run, sleep, spawn } from 'verdant';
import { getHub } from 'verdant/hub';
import { park, type ParkOptions, type Waker } from '../../dist/park';
import { WaitQueue } from '../../dist/wait_queue';
import { useVirtualClock } from '../support/virtual_clock';
import { code, thrown } from './thrown';

useVirtualClock();

/** A park with everything at once, and what can be seen of it from outside. */
class Parking {
  readonly queue = new WaitQueue();
  readonly controller = new AbortController();
  readonly released = jest.fn();
  waker: Waker | null = null;
  readonly thread: GreenThread;

  constructor(more: Partial<ParkOptions> = {}, after: (outcome: unknown) => unknown = (outcome) => [outcome]) {
    const { queue, controller } = this;
    const subscribe = (waker: Waker): (() => void) => {
      this.waker = waker;
      return this.released;
    };
    const options = { queue, signal: controller.signal, subscribe, timeout: 50, ...more };
    this.thread = spawn(() => after(park('test()', options)));
    this.thread.link(() => undefined);
  }

  expectEverythingHeld(): void {
    expect(this.queue.size).toBe(1);
    expect(getEventListeners(this.controller.signal, 'abort')).toHaveLength(1);
    expect(getHub().stats().timers).toBe(1);
    expect(this.released).not.toHaveBeenCalled();
  }

  expectNothingLeft(): void {
    expect(this.queue.size).toBe(0);
    expect(this.queue.first).toBeNull();
    expect(getEventListeners(this.controller.signal, 'abort')).toHaveLength(0);
    expect(getHub().stats().timers).toBe(0);
    expect(this.released).toHaveBeenCalledTimes(1);
  }

  join(): void {
    if (!this.thread.dead) this.thread.join();
  }
}

const nothing = (): void => undefined;
const reason = new Error('reason');

const endings: [string, (parking: Parking) => void, unknown][] = [
  ['a wake-up', ({ waker }) => waker!.wake('value'), { status: 'fulfilled', value: ['value'] }],
  ['an error', ({ waker }) => waker!.fail(reason), { status: 'rejected', reason }],
  ['the timeout', nothing, { status: 'rejected', reason: code('ERR_VERDANT_TIMEOUT') }],
  ['an abort', ({ controller }) => controller.abort(reason), { status: 'rejected', reason }],
  ['a kill', ({ thread }) => thread.kill(reason), { status: 'rejected', reason }],
];

test.each(endings)('%s ends it, and nothing is left', async (_what, end, outcome) => {
  const parking = new Parking();
  await run(() => {
    sleep(0);
    parking.expectEverythingHeld();
    end(parking);
    parking.join();
    parking.expectNothingLeft();
  });
  expect(await Promise.allSettled([parking.thread])).toEqual([outcome]);
});

const pairs = endings.flatMap((first) => endings.map((second) => [first, second] as const));
const raced = pairs.filter(([[first], [second]]) => first !== 'the timeout' && second !== 'the timeout');

test.each(raced.map(([first, second]) => [first[0], second[0], first[1], second[1]] as const))(
  '%s and at once %s: it ends once, and nothing is left',
  async (_first, _second, first, second) => {
    let returns = 0;
    const parking = new Parking({}, (value) => ((returns += 1), [value]));
    await run(() => {
      sleep(0);
      first(parking);
      second(parking);
      parking.join();
      parking.expectNothingLeft();
      sleep(100);
      parking.waker!.wake('too late');
      parking.controller.abort('too late');
    });
    expect(returns).toBeLessThanOrEqual(1);
    expect(parking.thread.dead).toBe(true);
  },
);

test('everything is let go of at once, before the woken green thread has run', async () => {
  const parking = new Parking();
  await run(() => {
    sleep(0);
    parking.waker!.wake('value');
    expect(parking.thread.dead).toBe(false);
    parking.expectNothingLeft();
    parking.join();
  });
});

test('the timeout gives timeoutValue in place of an error', async () => {
  const parking = new Parking({ timeoutValue: 'the time is up' });
  expect(await parking.thread).toEqual(['the time is up']);
});

test('a timeout error names the call and the time', async () => {
  const error = await new Parking({ timeout: 7 }).thread.then(null, (cause: unknown) => cause as Error);
  expect((error as Error).message).toMatch(/test\(\).*7 ms/);
});

test('a timeout of Infinity holds no timer', async () => {
  const parking = new Parking({ timeout: Infinity });
  await run(() => {
    sleep(0);
    expect(getHub().stats().timers).toBe(0);
    parking.waker!.wake('value');
    parking.join();
  });
});

test('a signal that is aborted already: its reason is thrown, and nothing has happened', async () => {
  const parking = new Parking({ signal: AbortSignal.abort(reason) });
  await expect(parking.thread).rejects.toBe(reason);
  expect(parking.queue.size).toBe(0);
  expect(parking.waker).toBeNull();
  expect(parking.released).not.toHaveBeenCalled();
});

test('a subscription that throws: the error is thrown by park, and nothing is left', async () => {
  const { signal } = new AbortController();
  const queue = new WaitQueue();
  await run(() => {
    const subscribe = (): never => {
      throw reason;
    };
    expect(thrown(() => park('test()', { queue, signal, timeout: 50, subscribe }))).toBe(reason);
    expect([queue.size, getHub().stats().timers]).toEqual([0, 0]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    sleep(1);
  });
});

test('a subscription that wakes at once: park yields all the same, and nothing is left', async () => {
  const seen: string[] = [];
  const released = jest.fn();
  const { signal } = new AbortController();
  const queue = new WaitQueue();
  await run(() => {
    spawn(() => seen.push('other'));
    const subscribe = (waker: Waker): (() => void) => {
      waker.wake('value');
      return released;
    };
    expect(park('test()', { queue, signal, timeout: 50, subscribe })).toBe('value');
    seen.push('woken');
    expect(released).toHaveBeenCalledTimes(1);
    expect([queue.size, getHub().stats().timers]).toEqual([0, 0]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
  expect(seen).toEqual(['other', 'woken']);
});

test('without keeps, a kill overtakes the value of a wake-up', async () => {
  const parking = new Parking();
  await run(() => {
    sleep(0);
    parking.waker!.wake('lost');
    parking.thread.kill(reason);
    parking.join();
  });
  expect(parking.thread.error).toBe(reason);
});

test('with keeps, a kill after the wake-up leaves the value, and is met at the next suspension', async () => {
  const got: unknown[] = [];
  const parking = new Parking({ keeps: true }, (value) => {
    got.push(value);
    sleep(10);
    got.push('not reached');
  });
  await run(() => {
    sleep(0);
    parking.waker!.wake('kept');
    parking.thread.kill(reason);
    parking.join();
  });
  expect(got).toEqual(['kept']);
  expect(parking.thread.error).toBe(reason);
});

test('with keeps, a kill before the wake-up wins, and the wake-up is told so', async () => {
  const parking = new Parking({ keeps: true });
  await run(() => {
    sleep(0);
    parking.thread.kill(reason);
    expect(parking.thread.wake('too late')).toBe(false);
    parking.join();
  });
  expect(parking.thread.error).toBe(reason);
});

test('a wake-up after the end, or a second one, is told that it came too late', async () => {
  const parking = new Parking();
  await run(() => {
    sleep(0);
    expect(parking.thread.wake('first')).toBe(true);
    expect(parking.thread.wake('second')).toBe(false);
    expect(parking.thread.wakeWithError(reason)).toBe(false);
    parking.join();
    expect(parking.thread.wake('after the end')).toBe(false);
  });
  expect(parking.thread.value).toEqual(['first']);
});

test('a kill met before suspending: nothing is set up', async () => {
  const controller = new AbortController();
  const queue = new WaitQueue();
  const thread = spawn({ signal: controller.signal }, () => {
    controller.abort(reason);
    park('test()', { queue, timeout: 50 });
  });
  await expect(thread).rejects.toBe(reason);
  expect([queue.size, getHub().stats().timers]).toEqual([0, 0]);
});
