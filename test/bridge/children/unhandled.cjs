// Runs one scenario and prints what Node reported as unhandled (and took back) by its end.
'use strict';
const verdant = require('verdant');

const { GreenExit, run, sleep, spawn, spawnN, wait } = verdant;
const reported = [];
process.on('unhandledRejection', (reason) => reported.push(`unhandled: ${reason?.message ?? reason}`));
process.on('rejectionHandled', () => reported.push('handled after all'));
process.on('uncaughtException', (error) => reported.push(`uncaught: ${error.message}`));
process.on('exit', () => process.stdout.write(`${JSON.stringify(reported)}\n`));

// A promise that rejects once the scenario's interruption is over; made when a scenario asks for it.
let rejectLate = () => undefined;
const late = {
  get promise() {
    return new Promise((_, reject) => {
      rejectLate = () => reject(new Error('late'));
    });
  },
};
const failsLater = () => new Promise((_, reject) => setTimeout(reject, 5, new Error('late')));
const dead = (thread) =>
  new Promise((resolve) => {
    const look = () => (thread.dead ? resolve() : setImmediate(look));
    look();
  });
// After the green threads that are ready now have begun. AbortSignal.timeout() would not keep the process alive.
const abortSoon = () => {
  const controller = new AbortController();
  setImmediate(() => setImmediate(() => controller.abort()));
  return controller.signal;
};
const killSoon = (thread) => {
  setImmediate(() => thread.kill());
  return dead(thread);
};
const fail = () => {
  throw new Error('failed');
};
const swallow = (fn) => {
  try {
    return fn();
  } catch (error) {
    return error;
  }
};

const scenarios = {
  wait_timed_out: () => run(() => swallow(() => wait(late.promise, { timeout: 1 }))),
  wait_aborted: () => run(() => swallow(() => wait(late.promise, { signal: abortSoon() }))),
  wait_killed: () => killSoon(spawn(() => wait(late.promise))),
  wait_refused_by_aborted_signal: () => run(() => swallow(() => wait(late.promise, { signal: AbortSignal.abort() }))),
  wait_refused_by_kill: () =>
    killSoon(
      spawn(() => {
        swallow(() => sleep(Infinity));
        wait(late.promise);
      }),
    ),
  async_to_green_outside: () => swallow(() => verdant.asyncToGreen(() => late.promise)()),
  blocking_outside: () => swallow(() => verdant.blocking({ query: () => late.promise }).query()),
  bridge_of_promise_killed_before_start: () => verdant.promiseToGreen(late.promise).kill(),
  bridge_of_promise_killed: () => killSoon(verdant.promiseToGreen(late.promise)),
  bridge_of_function_killed: () => killSoon(verdant.promiseToGreen(() => late.promise)),
  bridge_of_promise_fails_unobserved: () => void verdant.promiseToGreen(failsLater()),
  bridge_of_promise_fails_observed: () => verdant.promiseToGreen(failsLater()).catch(() => undefined),
  bridge_aborted_by_its_signal: () => dead(verdant.promiseToGreen(late.promise, { signal: abortSoon() })),
  promise_of_thread_aborted_and_left_running: () =>
    verdant
      .greenToPromise(
        spawn(() => wait(late.promise)),
        { signal: abortSoon(), killOnAbort: false },
      )
      .catch(() => undefined),
  promise_of_thread_unobserved: () =>
    void verdant.greenToPromise(spawn(fail), { signal: new AbortController().signal }),
  thread_fails_unobserved: () => {
    spawn(fail);
  },
  spawn_n_fails: () => {
    spawnN(fail);
  },
  thread_fails_with_waiter: () => {
    const thread = spawn(() => {
      sleep(1);
      fail();
    });
    return run(() => swallow(() => thread.wait()));
  },
  thread_fails_with_joiner: () => {
    const thread = spawn(() => {
      sleep(1);
      fail();
    });
    return run(() => thread.join());
  },
  thread_fails_with_link: () => {
    spawn(fail).link(() => undefined);
  },
  thread_fails_awaited: () => spawn(fail).catch(() => undefined),
  thread_fails_in_promise_all: () => Promise.allSettled([spawn(fail), spawn(fail)]),
  thread_fails_raced_away: () => Promise.race([spawn(() => wait(late.promise)), spawn(() => sleep(1))]),
  thread_fails_awaited_late: () => {
    const thread = spawn(fail);
    setTimeout(() => thread.catch(() => undefined), 5);
  },
  waiter_of_failing_thread_timed_out: () => {
    const thread = spawn(() => wait(late.promise));
    return run(() => swallow(() => thread.wait({ timeout: 1 })));
  },
  thread_killed_quietly: () => {
    const thread = spawn(() => sleep(1000));
    setImmediate(() => thread.kill(new GreenExit('quiet')));
  },
  thread_killed_with_error: () => {
    const thread = spawn(() => sleep(1000));
    setImmediate(() => thread.kill(new Error('loud')));
  },
  link_fails: () => {
    spawn(() => undefined).link(fail);
  },
  green_to_async_unobserved: () => {
    verdant.greenToAsync(fail)();
  },
  async_iterate_step_fails: async () => {
    function* items() {
      yield 1;
      fail();
    }
    try {
      for await (const _ of verdant.asyncIterate(items()));
    } catch {
      // as the consumer wishes
    }
  },
  iterate_abandoned_source_fails_to_close: () => {
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: () => Promise.reject(new Error('cannot close')),
      }),
    };
    const thread = spawn(() => [...verdant.iterate(source)]);
    setImmediate(() => thread.kill());
  },
  iterate_abandoned_step_fails_late: () => {
    const iterator = { next: () => late.promise, return: async () => ({ done: true }) };
    return killSoon(spawn(() => [...verdant.iterate({ [Symbol.asyncIterator]: () => iterator })]));
  },
  once_error_event_after_timeout: () =>
    run(() => {
      const emitter = new (require('node:events').EventEmitter)();
      swallow(() => verdant.once(emitter, 'never', { timeout: 1 }));
      emitter.on('error', () => undefined);
      emitter.emit('error', new Error('not ours'));
    }),
};

Promise.resolve(scenarios[process.argv[2]]()).then(() => rejectLate());
