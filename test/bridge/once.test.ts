// once(): blocks until an emitter or EventTarget emits; takes every listener back, however the wait ends.
import { EventEmitter, getEventListeners } from 'node:events';
import { type GreenThread, once, sleep, spawn, Timeout } from 'verdant';
import { abortListeners, errorOf, green, outcomeOf, thrownBy, turnOfTheHub } from './support/outcome';

function counts(emitter: EventEmitter): number[] {
  return ['ready', 'error', 'newListener', 'removeListener'].map((event) => emitter.listenerCount(event));
}

describe('once on an EventEmitter', () => {
  it('returns the arguments of the event', async () => {
    const emitter = new EventEmitter();
    const args = green(() => once(emitter, 'ready'));
    await turnOfTheHub();
    emitter.emit('ready', 1, 'two');
    expect(await args).toEqual([1, 'two']);
  });

  it('returns the arguments of the first of several events', async () => {
    const emitter = new EventEmitter();
    const args = green(() => once(emitter, 'ready'));
    await turnOfTheHub();
    emitter.emit('ready', 'first');
    emitter.emit('ready', 'second');
    expect(await args).toEqual(['first']);
  });

  it('takes symbols as names', async () => {
    const emitter = new EventEmitter();
    const event = Symbol('event');
    const args = green(() => once(emitter, event));
    await turnOfTheHub();
    emitter.emit(event, 'symbol');
    expect(await args).toEqual(['symbol']);
  });

  it('does not see an event from before the call', async () => {
    const emitter = new EventEmitter();
    emitter.emit('ready', 'early');
    const args = green(() => once(emitter, 'ready'));
    await turnOfTheHub();
    emitter.emit('ready', 'late');
    expect(await args).toEqual(['late']);
  });

  it('throws the very error of an error event that comes first', async () => {
    const emitter = new EventEmitter();
    const failure = new Error('x');
    const error = errorOf(() => once(emitter, 'ready'));
    await turnOfTheHub();
    emitter.emit('error', failure);
    expect(await error).toBe(failure);
  });

  it('returns the error when it is the error event that was asked for', async () => {
    const emitter = new EventEmitter();
    const failure = new Error('x');
    const args = green(() => once(emitter, 'error'));
    await turnOfTheHub();
    emitter.emit('error', failure);
    expect(await args).toEqual([failure]);
  });

  it('gives one event to all that wait for it, in their order', async () => {
    const emitter = new EventEmitter().setMaxListeners(0);
    const order: number[] = [];
    const threads = Array.from({ length: 100 }, (_, index) =>
      spawn(() => {
        const [value] = once(emitter, 'ready');
        order.push(index);
        return value;
      }),
    );
    await turnOfTheHub();
    emitter.emit('ready', 'all');
    expect(await Promise.all(threads)).toEqual(threads.map(() => 'all'));
    expect(order).toEqual(threads.map((_, index) => index));
  });

  it('returns from an event that another green thread emits', async () => {
    const emitter = new EventEmitter();
    const seen = await green(() => {
      spawn(() => {
        sleep(1);
        emitter.emit('ready', 'from green');
      });
      return once(emitter, 'ready');
    });
    expect(seen).toEqual(['from green']);
  });

  it('returns from an event that is emitted while it subscribes', async () => {
    const emitter = new EventEmitter();
    emitter.on('newListener', (event) => {
      if (event === 'ready') process.nextTick(() => emitter.emit('ready', 'prompt'));
    });
    expect(await green(() => once(emitter, 'ready'))).toEqual(['prompt']);
  });

  it('does not lose an event when a kill comes after it', async () => {
    const emitter = new EventEmitter();
    let received: unknown[] = [];
    const thread = spawn(() => {
      received = once(emitter, 'ready');
      sleep(0);
    });
    await turnOfTheHub();
    emitter.emit('ready', 'kept');
    thread.kill();
    await outcomeOf(thread);
    expect(received).toEqual(['kept']);
    expect(thread.state).toBe('killed');
  });
});

describe('once has taken its listeners back', () => {
  const reason = new Error('reason');
  const endings: [string, (emitter: EventEmitter, thread: GreenThread) => unknown][] = [
    ['after the event', (emitter) => emitter.emit('ready')],
    ['after an error event', (emitter) => emitter.emit('error', reason)],
    ['after a kill', (_, thread) => thread.kill()],
    ['after a kill with an error', (_, thread) => thread.kill(reason)],
  ];

  it.each(endings)('%s', async (_, end) => {
    const emitter = new EventEmitter();
    const { signal } = new AbortController();
    const thread = spawn(() => once(emitter, 'ready', { signal, timeout: 60_000 }));
    await turnOfTheHub();
    expect([counts(emitter), abortListeners(signal)]).toEqual([[1, 1, 0, 0], 1]);
    end(emitter, thread);
    await outcomeOf(thread);
    expect([counts(emitter), abortListeners(signal)]).toEqual([[0, 0, 0, 0], 0]);
  });

  it('after a timeout', async () => {
    const emitter = new EventEmitter();
    expect(await errorOf(() => once(emitter, 'ready', { timeout: 1 }))).toMatchObject({ code: 'ERR_VERDANT_TIMEOUT' });
    expect(counts(emitter)).toEqual([0, 0, 0, 0]);
  });

  it('after an abort, whose reason it throws', async () => {
    const emitter = new EventEmitter();
    const controller = new AbortController();
    const error = errorOf(() => once(emitter, 'ready', { signal: controller.signal }));
    await turnOfTheHub();
    controller.abort(reason);
    expect(await error).toBe(reason);
    expect([counts(emitter), abortListeners(controller.signal)]).toEqual([[0, 0, 0, 0], 0]);
  });

  it('after a signal that was aborted before: none was added', async () => {
    const emitter = new EventEmitter();
    let added = 0;
    emitter.on('newListener', () => {
      added += 1;
    });
    expect(await errorOf(() => once(emitter, 'ready', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(added).toBe(0);
  });

  it('after a Timeout of an outer scope', async () => {
    const emitter = new EventEmitter();
    await errorOf(() => {
      using _ = new Timeout(1);
      once(emitter, 'ready');
    });
    expect(counts(emitter)).toEqual([0, 0, 0, 0]);
  });

  it('and leaves those of others alone', async () => {
    const emitter = new EventEmitter();
    const own = (): void => undefined;
    emitter.on('ready', own).on('error', own);
    await errorOf(() => once(emitter, 'ready', { timeout: 1 }));
    expect([emitter.listeners('ready'), emitter.listeners('error')]).toEqual([[own], [own]]);
  });
});

describe('once on an EventTarget', () => {
  it('returns the event', async () => {
    const target = new EventTarget();
    const args = green(() => once(target, 'ready'));
    await turnOfTheHub();
    const event = new Event('ready');
    target.dispatchEvent(event);
    expect(await args).toEqual([event]);
    expect(getEventListeners(target, 'ready')).toEqual([]);
  });

  it('treats an error event as any other', async () => {
    const target = new EventTarget();
    const args = green(() => once(target, 'ready'));
    await turnOfTheHub();
    target.dispatchEvent(new Event('error'));
    target.dispatchEvent(new Event('ready'));
    expect((await args)[0]).toMatchObject({ type: 'ready' });
  });

  it.each<[string, (thread: GreenThread, controller: AbortController) => void]>([
    ['a kill', (thread) => thread.kill()],
    ['an abort', (_, controller) => controller.abort()],
  ])('leaves no listener after %s', async (_, end) => {
    const target = new EventTarget();
    const controller = new AbortController();
    const thread = spawn(() => once(target, 'ready', { signal: controller.signal }));
    await turnOfTheHub();
    expect(getEventListeners(target, 'ready')).toHaveLength(1);
    end(thread, controller);
    await outcomeOf(thread);
    expect(getEventListeners(target, 'ready')).toEqual([]);
  });

  it('leaves no listener after a timeout', async () => {
    const target = new EventTarget();
    await errorOf(() => once(target, 'ready', { timeout: 1 }));
    expect(getEventListeners(target, 'ready')).toEqual([]);
  });

  it('waits for the abort of a signal', async () => {
    const controller = new AbortController();
    const args = green(() => once(controller.signal, 'abort'));
    await turnOfTheHub();
    controller.abort();
    expect((await args)[0]).toMatchObject({ type: 'abort' });
  });
});

describe("once's arguments", () => {
  it.each([[{}], [null], [undefined], [5]])('refuse the emitter %p', async (emitter) => {
    expect(await errorOf(() => once(emitter as never, 'x'))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  });

  it('outside a green thread the refusal names once(), and no listener is added', () => {
    const emitter = new EventEmitter();
    const error = thrownBy(() => once(emitter, 'ready'));
    expect(error).toMatchObject({ code: 'ERR_VERDANT_NOT_GREEN' });
    expect(error.message).toMatch(/^once\(\)/);
    expect(counts(emitter)).toEqual([0, 0, 0, 0]);
  });
});
