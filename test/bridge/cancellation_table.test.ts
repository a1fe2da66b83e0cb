// The cancellation table of docs/interop.md: abort => signal.reason at the next suspension; kill => linked signals abort
// with the reason; both idempotent.
import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { GreenExit, greenToPromise, once, promiseToGreen, run, sleep, spawn, wait } from 'verdant';
import { never } from './support/deferred';
import { abortListeners, errorOf, green, outcomeOf, thrownBy, turnOfTheHub } from './support/outcome';

const reason = new Error('reason');

/** Every call of this floor and the one below that takes a signal. */
const calls: [string, (signal: AbortSignal) => unknown][] = [
  ['wait(promise)', (signal) => wait(never(), { signal })],
  ['wait(thenable)', (signal) => wait({ then: () => undefined }, { signal })],
  ['sleep(ms)', (signal) => sleep(60_000, { signal })],
  ['sleep(Infinity)', (signal) => sleep(Infinity, { signal })],
  ['once(emitter)', (signal) => once(new EventEmitter(), 'never', { signal })],
  ['once(target)', (signal) => once(new EventTarget(), 'never', { signal })],
  ['wait(thread)', (signal) => onParked((thread) => wait(thread, { signal }))],
  ['thread.wait()', (signal) => onParked((thread) => thread.wait({ signal }))],
  ['thread.join()', (signal) => onParked((thread) => thread.join({ signal }))],
];

function onParked(use: (thread: ReturnType<typeof spawn>) => unknown): unknown {
  const parked = spawn(() => sleep(Infinity));
  try {
    return use(parked);
  } finally {
    parked.kill();
  }
}

describe.each(calls)('abort during %s', (_, call) => {
  it('throws the reason of the signal, and takes the listener back', async () => {
    const controller = new AbortController();
    const error = errorOf(() => call(controller.signal));
    await turnOfTheHub();
    expect(abortListeners(controller.signal)).toBe(1);
    controller.abort(reason);
    expect(await error).toBe(reason);
    expect(abortListeners(controller.signal)).toBe(0);
  });

  it('throws the reason at once when the signal was aborted before', async () => {
    expect(await errorOf(() => call(AbortSignal.abort(reason)))).toBe(reason);
  });

  it('can be caught: the thread lives on', async () => {
    const controller = new AbortController();
    const lived = green(() => {
      thrownBy(() => call(controller.signal));
      sleep(1);
      return 'lived on';
    });
    await turnOfTheHub();
    controller.abort(reason);
    controller.abort(new Error('again'));
    expect(await lived).toBe('lived on');
  });
});

describe.each(calls)('kill during %s', (_, call) => {
  it('throws the reason, and takes the listener back; the signal is not touched', async () => {
    const { signal } = new AbortController();
    const thread = spawn(() => call(signal));
    await turnOfTheHub();
    thread.kill(reason);
    thread.kill(new Error('again'));
    expect(await outcomeOf(thread)).toEqual({ error: reason });
    expect([thread.state, signal.aborted, abortListeners(signal)]).toEqual(['killed', false, 0]);
  });
});

describe('abort of a signal that is linked to a green thread', () => {
  const links: [
    string,
    (signal: AbortSignal) => { thread: ReturnType<typeof spawn>; outcome: PromiseLike<unknown> },
  ][] = [
    [
      'by spawn({ signal })',
      (signal) => {
        const thread = spawn({ signal }, () => sleep(Infinity));
        return { thread, outcome: thread };
      },
    ],
    [
      'by promiseToGreen(…, { signal })',
      (signal) => {
        const thread = promiseToGreen(never(), { signal });
        return { thread, outcome: thread };
      },
    ],
    [
      'by greenToPromise(…, { signal })',
      (signal) => {
        const thread = spawn(() => sleep(Infinity));
        return { thread, outcome: greenToPromise(thread, { signal }) };
      },
    ],
  ];

  it.each(links)('%s kills it with the reason, once', async (_, link) => {
    const controller = new AbortController();
    const { thread, outcome } = link(controller.signal);
    const ended = outcomeOf(outcome);
    await turnOfTheHub();
    controller.abort(reason);
    controller.abort(new Error('again'));
    expect(await ended).toEqual({ error: reason });
    await turnOfTheHub();
    expect([thread.state, thread.error, abortListeners(controller.signal)]).toEqual(['killed', reason, 0]);
  });

  it.each(links)('%s before its start: it never starts', async (_, link) => {
    const { thread, outcome } = link(AbortSignal.abort(reason));
    expect(await outcomeOf(outcome)).toEqual({ error: reason });
    await turnOfTheHub();
    expect([thread.started, thread.state]).toEqual([false, 'killed']);
  });

  it('takes effect at the next suspension, not before', async () => {
    const controller = new AbortController();
    const order: string[] = [];
    const thread = spawn({ signal: controller.signal }, () => {
      controller.abort(reason);
      order.push('still running');
      sleep(0);
      order.push('never');
    });
    expect(await outcomeOf(thread)).toEqual({ error: reason });
    expect(order).toEqual(['still running']);
  });

  it('after its end does nothing', async () => {
    const controller = new AbortController();
    const thread = spawn({ signal: controller.signal }, () => 'done');
    await thread;
    controller.abort(reason);
    expect([thread.state, abortListeners(controller.signal)]).toEqual(['done', 0]);
  });
});

describe('kill of a green thread', () => {
  it.each([
    ['GreenExit', new GreenExit()],
    ['an error', reason],
  ])('with %s aborts the signal of its async work with that reason, once', async (_, why) => {
    const aborts: unknown[] = [];
    const thread = promiseToGreen((signal) => {
      signal.addEventListener('abort', () => aborts.push(signal.reason));
      return delay(60_000, undefined, { signal });
    });
    await turnOfTheHub();
    thread.kill(why);
    thread.kill(new Error('again'));
    await outcomeOf(thread);
    await turnOfTheHub();
    thread.kill();
    await turnOfTheHub();
    expect(aborts).toHaveLength(1);
    expect(aborts[0]).toBe(why);
  });

  it('rejects all who await it with the reason, one object for all', async () => {
    const thread = spawn(() => sleep(Infinity));
    const { signal } = new AbortController();
    const awaiters = [
      outcomeOf(thread),
      outcomeOf(greenToPromise(thread)),
      outcomeOf(greenToPromise(thread, { signal })),
      outcomeOf(run(() => thread.wait())),
      outcomeOf(promiseToGreen(thread)),
    ];
    await turnOfTheHub();
    const why = new GreenExit('why');
    thread.kill(why);
    for (const ended of await Promise.all(awaiters)) expect('error' in ended && ended.error).toBe(why);
    expect(abortListeners(signal)).toBe(0);
  });
});
