const assert = require('node:assert');
const { readFile } = require('node:fs');
const { exec } = require('node:child_process');
const deasync = require('verdant/deasync');
const Fiber = require('verdant/fibers');
const { run, sleep, spawn, joinAll, getCurrent } = require('verdant');
const cases = require('../../support/cases.cjs');

/** Calls back after some milliseconds. */
const later = (ms, value, callback) => setTimeout(callback, ms, null, value);
const fails = (callback) => setTimeout(callback, 1, new Error('late'));

const here = {
  'the value is returned': () => {
    assert.equal(deasync(later)(2, 'value'), 'value');
  },
  'the error is thrown': () => {
    assert.throws(() => deasync(fails)(), { message: 'late' });
  },
  'a callback that is called at once': () => {
    assert.equal(deasync((callback) => callback(null, 1))(), 1);
  },
  'this and arguments are kept': () => {
    const object = {
      base: 1,
      add: deasync(function (n, callback) {
        setImmediate(callback, null, this.base + n);
      }),
    };
    assert.equal(object.add(2), 3);
  },
  'promises, ticks, immediates and files go on meanwhile': () => {
    const viaPromise = deasync((callback) => void Promise.resolve(1).then((value) => callback(null, value)));
    const viaTick = deasync((callback) => process.nextTick(callback, null, 2));
    const viaImmediate = deasync((callback) => setImmediate(callback, null, 3));
    assert.deepEqual([viaPromise(), viaTick(), viaImmediate()], [1, 2, 3]);
    assert.match(deasync(readFile)(__filename, 'utf8'), /^const assert/);
  },
  'child processes can be waited for': () => {
    assert.equal(deasync(exec)('echo hello'), 'hello\n');
  },
  'sleep() blocks for its time, and timers go on': () => {
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 1);
    const start = performance.now();
    deasync.sleep(20);
    clearInterval(timer);
    assert.ok(performance.now() - start >= 19);
    assert.ok(ticks > 0);
  },
  'loopWhile() blocks as long as its predicate is true': () => {
    let done = false;
    setTimeout(() => (done = true), 5);
    deasync.loopWhile(() => !done);
    assert.ok(done);
    deasync.loopWhile(() => false);
  },
  'loopWhile() may wait for a point in time, with nothing else to do': () => {
    const end = performance.now() + 10;
    deasync.loopWhile(() => performance.now() < end);
  },
  'runLoopOnce() lets others go on once': () => {
    let seen = 0;
    setImmediate(() => (seen += 1));
    for (let passes = 0; seen === 0 && passes < 1000; passes += 1) deasync.runLoopOnce();
    assert.equal(seen, 1);
  },
};

cases(module, {
  ...here,
  ...Object.fromEntries(
    Object.entries(here).map(([name, behaviour]) => [`on a green thread: ${name}`, () => run(behaviour)]),
  ),
  ...Object.fromEntries(
    Object.entries(here).map(([name, behaviour]) => [
      `in a fiber: ${name}`,
      () =>
        new Promise((resolve, reject) => {
          Fiber(() => {
            try {
              resolve(behaviour());
            } catch (error) {
              reject(error);
            }
          }).run();
        }),
    ]),
  ),
  'what is no function is refused': () => {
    assert.throws(() => deasync(1), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => deasync.loopWhile(1), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => deasync.sleep('long'), { code: 'ERR_INVALID_ARG_TYPE' });
  },
  'the module is also its default': () => {
    assert.equal(deasync.default, deasync);
  },
  'a callback that can never come is an error, not a hang': () => {
    assert.throws(() => deasync(() => undefined)(), { code: 'ERR_VERDANT_DEADLOCK' });
  },
  'on green threads the short one does not wait for the long one': async () => {
    const seen = [];
    const wait = deasync(later);
    await run(() => {
      const work = (name, ms) =>
        spawn(() => {
          wait(ms, name);
          seen.push(name);
        });
      joinAll([work('long', 40), work('short', 5)]);
    });
    assert.deepEqual(seen, ['short', 'long']);
  },
  'green threads go on while plain code blocks': () => {
    let ended = false;
    spawn(() => {
      sleep(2);
      ended = true;
    });
    deasync.loopWhile(() => !ended);
  },
  'a kill ends the wait on a green thread': async () => {
    await run(() => {
      const thread = spawn(() => deasync(() => undefined)());
      sleep(1);
      thread.kill();
      thread.join();
      assert.equal(getCurrent().state, 'running');
      assert.equal(thread.state, 'killed');
    });
  },
});
