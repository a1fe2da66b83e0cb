// Event: sent once, seen by everybody, before and after; what it does as a thenable; what it refuses.
import { Event, GreenExit, isTimeout, run, sleep, spawn, Timeout, wait } from 'verdant';
import { getHub } from 'verdant/hub';
import { code, thrown } from '../core/thrown';
import { expectOk } from '../support/children';
import { useVirtualClock } from '../support/virtual_clock';

useVirtualClock();

describe('a value that is sent', () => {
  test('reaches who waits already', async () => {
    const event = new Event<string>();
    const waiter = spawn(() => event.wait());
    spawn(() => event.send('value'));
    expect(await waiter).toBe('value');
  });

  test('reaches who comes later, as often as they ask', async () => {
    const event = new Event<string>();
    event.send('value');
    expect(await run(() => [event.wait(), event.wait()])).toEqual(['value', 'value']);
  });

  test('reaches 10,000 who wait, oldest first', async () => {
    const event = new Event<number>();
    const order: number[] = [];
    const waiters = Array.from({ length: 10_000 }, (_, number) => spawn(() => order.push(number + event.wait())));
    await run(() => {
      sleep(0);
      expect(event.statistics()).toEqual({ ready: false, waiting: 10_000 });
      event.send(0);
      for (const waiter of waiters) waiter.join();
    });
    expect(order).toEqual(Array.from({ length: 10_000 }, (_, number) => number));
  });

  test('may be undefined', async () => {
    const event = new Event();
    event.send();
    expect([event.ready(), event.hasResult(), await run(() => event.wait())]).toEqual([true, true, undefined]);
  });

  test('runs nobody inside of send()', async () => {
    const order: string[] = [];
    await run(() => {
      const event = new Event();
      const waiter = spawn(() => {
        event.wait();
        order.push('waiter');
      });
      sleep(0);
      event.send();
      order.push('sender');
      waiter.join();
    });
    expect(order).toEqual(['sender', 'waiter']);
  });

  test('can be sent by a plain callback', async () => {
    const event = new Event<number>();
    setImmediate(() => event.send(1));
    expect(await run(() => event.wait())).toBe(1);
  });

  test('is not taken from who was woken by it, by a reset before they run', async () => {
    const seen = await run(() => {
      const event = new Event<number>();
      const waiter = spawn(() => event.wait());
      sleep(0);
      event.send(1);
      event.reset();
      event.send(2);
      return [waiter.wait(), event.wait()];
    });
    expect(seen).toEqual([1, 2]);
  });
});

describe('an error that is sent', () => {
  test('is thrown by everybody who waits, as the same object', async () => {
    const error = new Error('sent');
    const event = new Event();
    const waiters = [1, 2, 3].map(() => spawn(() => thrown(() => event.wait())));
    spawn(() => event.sendError(error));
    for (const waiter of waiters) expect(await waiter).toBe(error);
  });

  test.each([[undefined], [null], ['text'], [0]])('may be %p', async (error) => {
    const event = new Event();
    event.sendError(error);
    expect(event.hasError()).toBe(true);
    expect(await run(() => thrown(() => event.wait()))).toBe(error);
    expect(thrown(() => event.poll())).toBe(error);
  });

  test('is gone after a reset', async () => {
    const event = new Event();
    event.sendError(new Error('first'));
    const seen = await run(() => {
      const first = thrown(() => event.wait());
      event.reset();
      return [first, thrown(() => event.wait({ timeout: 1 }))];
    });
    expect(seen).toEqual([new Error('first'), code('ERR_VERDANT_TIMEOUT')]);
  });
});

test.each([
  ['a value', (event: Event) => event.send(1)],
  ['an error', (event: Event) => event.sendError(new Error('first'))],
])('after %s, nothing more can be sent before a reset', async (_what, send) => {
  const event = new Event();
  send(event);
  expect(thrown(() => event.send(2))).toEqual(code('ERR_VERDANT_ALREADY_SENT'));
  expect(thrown(() => event.sendError(new Error('second')))).toEqual(code('ERR_VERDANT_ALREADY_SENT'));
  event.reset();
  event.send(3);
  expect(event.poll()).toBe(3);
});

test('an event that was not sent cannot be reset: somebody may wait for it', () => {
  expect(thrown(() => new Event().reset())).toEqual(code('ERR_VERDANT_NOT_SENT'));
});

describe('looking without waiting', () => {
  test('at an event that was not sent gives what one asks for', () => {
    const event = new Event<number>();
    expect([event.ready(), event.hasResult(), event.hasError()]).toEqual([false, false, false]);
    expect([event.poll(), event.poll('a'), event.pollResult('b'), event.pollError('c')]).toEqual([
      undefined,
      'a',
      'b',
      'c',
    ]);
  });

  test('at a value gives it, and no error', () => {
    const event = new Event<number>();
    event.send(0);
    expect([event.poll(1), event.pollResult(1), event.pollError('none')]).toEqual([0, 0, 'none']);
    expect([event.ready(), event.hasResult(), event.hasError()]).toEqual([true, true, false]);
  });

  test('at an error throws it, or gives it, and no value', () => {
    const error = new Error('sent');
    const event = new Event<number>();
    event.sendError(error);
    expect(thrown(() => event.poll(1))).toBe(error);
    expect([event.pollResult('none'), event.pollError()]).toEqual(['none', error]);
    expect([event.ready(), event.hasResult(), event.hasError()]).toEqual([true, false, true]);
  });
});

describe('a wait', () => {
  test('throws TimeoutError when its timeout comes first, and the event is as before', async () => {
    const event = new Event<number>();
    await run(() => {
      const begin = getHub().time();
      expect(thrown(() => event.wait({ timeout: 20 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
      expect(getHub().time() - begin).toBe(20);
      event.send(1);
      expect(event.wait({ timeout: 20 })).toBe(1);
    });
    expect(event.statistics()).toEqual({ ready: true, waiting: 0 });
  });

  test('gives the value when it comes before the timeout', async () => {
    const event = new Event<number>();
    const waiter = spawn(() => event.wait({ timeout: 20 }));
    spawn(() => {
      sleep(19);
      event.send(1);
    });
    expect(await waiter).toBe(1);
  });

  test('gives the value when both come at the same moment and the value is first', async () => {
    const event = new Event<number>();
    const hub = getHub();
    const outcome = await run(() => {
      const sender = hub.startTimer(20, () => event.send(1));
      const value = event.wait({ timeout: 20 });
      return [value, sender.pending];
    });
    expect(outcome).toEqual([1, false]);
  });

  test('throws a Timeout of an outer scope, that very object, and the event can be sent', async () => {
    const event = new Event<number>();
    await run(() => {
      using timeout = new Timeout(5);
      const error = thrown(() => event.wait());
      expect([error === timeout, isTimeout(error)]).toEqual([true, true]);
    });
    event.send(1);
    expect(event.poll()).toBe(1);
  });

  test('throws the reason of a signal, before it begins or while it lasts', async () => {
    const controller = new AbortController();
    const event = new Event();
    const reason = new Error('reason');
    const waiter = spawn(() => thrown(() => event.wait({ signal: controller.signal })));
    spawn(() => controller.abort(reason));
    expect(await waiter).toBe(reason);
    expect(await run(() => thrown(() => event.wait({ signal: controller.signal })))).toBe(reason);
  });

  test('of a killed thread ends, and the others get the value', async () => {
    const event = new Event<number>();
    const [killed, other] = [spawn(() => event.wait()), spawn(() => event.wait())];
    await run(() => {
      sleep(0);
      killed.kill(new GreenExit('enough'));
      event.send(1);
      expect(killed.join()).toBe(true);
      expect(other.wait()).toBe(1);
    });
    expect(killed.state).toBe('killed');
  });

  test('outside a green thread is refused, sent or not, and the message says what to do', () => {
    const sent = new Event();
    sent.send();
    expect(thrown(() => sent.wait())).toEqual(code('ERR_VERDANT_NOT_GREEN'));
    const error = thrown(() => new Event().wait()) as Error;
    expect(error).toEqual(code('ERR_VERDANT_NOT_GREEN'));
    expect(error.message).toMatch(/Event\.wait\(\).*await the event/);
  });

  test('with wrong options is refused', async () => {
    await run(() => {
      expect(thrown(() => new Event().wait({ timeout: -1 }))).toEqual(code('ERR_OUT_OF_RANGE'));
      expect(thrown(() => new Event().wait({ signal: 1 as never }))).toEqual(code('ERR_INVALID_ARG_TYPE'));
      expect(thrown(() => new Event().wait(1 as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
    });
  });
});

describe('as a promise, an event', () => {
  test('gives its value to await, sent before or after', async () => {
    const [early, late] = [new Event<number>(), new Event<number>()];
    early.send(1);
    setImmediate(() => late.send(2));
    expect(await Promise.all([early, late])).toEqual([1, 2]);
  });

  test('throws its error', async () => {
    const error = new Error('sent');
    const [early, late] = [new Event(), new Event()];
    early.sendError(error);
    setImmediate(() => late.sendError(error));
    await expect(Promise.resolve(early)).rejects.toBe(error);
    await expect(Promise.resolve(late)).rejects.toBe(error);
  });

  test('can be waited for with wait(), like any other', async () => {
    const event = new Event<number>();
    setImmediate(() => event.send(1));
    expect(await run(() => wait(event))).toBe(1);
  });

  test('begins anew after a reset', async () => {
    const event = new Event<number>();
    event.send(1);
    const first = event.then((value) => value);
    event.reset();
    const second = event.then((value) => value);
    event.send(2);
    expect(await Promise.all([first, second])).toEqual([1, 2]);
  });
});

// What jest calls `process` hears of no unhandled rejection.
test('an error is reported as unhandled only when a promise of the event was made and nobody handled it', () =>
  expectOk(__dirname, 'unhandled_event.cjs'));
