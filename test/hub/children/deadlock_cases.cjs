const assert = require('node:assert');
const { run, sleep, spawn, wait } = require('verdant');
const { getHub } = require('verdant/hub');

const seen = [];
const expectedCode = 0;
// Held here: green threads that nobody can reach are unwound, not reported.
const held = [];
const park = () => {
  const { promise, resolve } = deferred();
  const thread = spawn(() => {
    seen.push(wait(promise));
  });
  held.push(thread, resolve);
  return { thread, resolve };
};
function deferred() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}

const cases = {
  'a listener of deadlock replaces the report and the exit code': () => {
    park();
    getHub().on('deadlock', (error) => seen.push(error.code, error.message.includes('1 green thread would wait')));
    return ['ERR_VERDANT_DEADLOCK', true];
  },
  'a listener of deadlock may wake the green threads': () => {
    const { resolve } = park();
    getHub().once('deadlock', () => resolve('woken'));
    return ['woken'];
  },
  'a listener of deadlock may kill them': () => {
    const { thread } = park();
    getHub().once('deadlock', () => thread.kill());
    thread.link(() => seen.push('killed'));
    return ['killed'];
  },
  'a beforeExit listener that adds work prevents it': () => {
    const { resolve } = park();
    process.once('beforeExit', () => setTimeout(() => resolve('woken'), 5));
    return ['woken'];
  },
  'a beforeExit listener added later that adds work prevents it': () => {
    const { resolve } = park();
    setTimeout(() => process.once('beforeExit', () => setTimeout(() => resolve('woken'), 5)), 5);
    return ['woken'];
  },
  'no green thread, no report': () => {
    getHub();
    return [];
  },
  'green threads that have ended are not reported': () => {
    spawn(() => sleep(1)).kill();
    spawn(() => sleep(1));
    return [];
  },
  'an exit code that was set stays when nobody is parked': () => {
    run(() => sleep(1));
    process.exitCode = 0;
    return [];
  },
  'a sleeping green thread is no deadlock': () => {
    run(() => {
      sleep(30);
      seen.push('slept');
    });
    return ['slept'];
  },
  'process.exit while green threads are parked is no deadlock': () => {
    park();
    setTimeout(() => process.exit(0), 5);
    return [];
  },
};

const expected = cases[process.argv[2]]();
process.on('exit', (code) => {
  assert.deepStrictEqual(seen, expected);
  assert.strictEqual(code, expectedCode);
  console.log('ok');
});
