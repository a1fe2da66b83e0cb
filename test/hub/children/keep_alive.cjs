const assert = require('node:assert');
const { run, sleep, spawn, spawnAfter, wait, withTimeout } = require('verdant');
const { getHub } = require('verdant/hub');

const hour = 3_600_000;
const seen = [];

const cases = {
  'a sleeper keeps it alive until it has slept': () => {
    spawn(() => {
      sleep(20);
      seen.push('slept');
    });
    return ['slept'];
  },
  'a cancelled long timeout does not delay the exit': () => {
    run(() => {
      withTimeout(hour, () => sleep(1));
      seen.push('in time');
    });
    return ['in time'];
  },
  'a long timeout that was not needed does not delay the exit': () => {
    run(() => {
      wait(new Promise((resolve) => setTimeout(resolve, 1)), { timeout: hour });
      seen.push('settled');
    });
    return ['settled'];
  },
  'a killed sleeper does not delay the exit': () => {
    const sleeper = spawn(() => sleep(hour));
    setTimeout(() => sleeper.kill(), 1);
    return [];
  },
  'a cancelled spawnAfter does not delay the exit': () => {
    spawnAfter(hour, () => seen.push('started')).cancel();
    return [];
  },
  'a cancelled call does not delay the exit': () => {
    const timer = getHub().scheduleCallGlobal(hour, () => seen.push('called'));
    setTimeout(() => timer.cancel(), 1);
    return [];
  },
  'unref lets it end although a green thread sleeps': () => {
    spawn(() => sleep(hour));
    setTimeout(() => assert.strictEqual(getHub().unref(), getHub()), 1);
    return [];
  },
  'ref after unref keeps it alive again': () => {
    getHub().unref();
    spawn(() => {
      sleep(20);
      seen.push('slept');
    });
    getHub().ref();
    return ['slept'];
  },
  'unref of an idle hub lets it end although a green thread sleeps later': () => {
    getHub().unref();
    setTimeout(() => spawn(() => sleep(hour)), 1);
    return [];
  },
  'a green thread that waits for a timer of node keeps nothing alive but the timer': () => {
    run(() => {
      wait(new Promise((resolve) => setTimeout(resolve, 5)));
      seen.push('settled');
    });
    return ['settled'];
  },
  'an ended program with a hub ends at once': () => {
    getHub();
    return [];
  },
  'ready green threads keep it alive until they are done': () => {
    for (let i = 0; i < 3; i += 1) {
      spawn(() => {
        for (let round = 0; round < 1000; round += 1) sleep(0);
        seen.push('done');
      });
    }
    return ['done', 'done', 'done'];
  },
};

const expected = cases[process.argv[2]]();
process.on('exit', (code) => {
  assert.strictEqual(code, 0);
  assert.deepStrictEqual(seen, expected);
  console.log('ok');
});
