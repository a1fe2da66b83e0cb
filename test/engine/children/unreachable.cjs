// Suspended green threads that nothing can reach any more are unwound after a collection: their finally blocks run.
const assert = require('node:assert');
const { getHub } = require('verdant/hub');
const { run, sleep, spawn, wait } = require('verdant');

const ends = [];

function abandon(n) {
  for (let i = 0; i < n; i += 1) {
    spawn(() => {
      try {
        wait({ then() {} });
      } catch (error) {
        ends.push(error.code);
        throw error;
      } finally {
        ends.push(i);
      }
    });
  }
}
/** Abandoned inside V8's own code, and with a finally block that suspends once more. */
function abandonInNativeFrame() {
  spawn(() => {
    try {
      [2, 1].sort(() => wait({ then() {} }));
    } finally {
      try {
        sleep(0);
      } finally {
        ends.push('native');
      }
    }
  });
}

async function turns(n) {
  for (let i = 0; i < n; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function collect(until) {
  for (let i = 0; i < 50 && !until(); i += 1) {
    globalThis.gc();
    await turns(3);
  }
}

async function main() {
  getHub().on('deadlock', () => undefined);
  const held = spawn(() => wait(new Promise(() => undefined)));
  abandon(20);
  await turns(2);
  assert.deepStrictEqual(ends, []);
  assert.strictEqual(getHub().stats().suspended, 21);
  await collect(() => ends.length === 40);
  assert.deepStrictEqual(ends.filter((end) => end === 'ERR_VERDANT_KILLED').length, 20);
  assert.deepStrictEqual(
    ends.filter((end) => typeof end === 'number').sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, i) => i),
  );
  assert.strictEqual(held.state, 'suspended', 'one that is held is left alone');

  abandonInNativeFrame();
  await turns(2);
  await collect(() => ends.includes('native'));
  assert.ok(ends.includes('native'));

  held.kill();
  await held.catch(() => undefined);
  await run(() => sleep(0));
  const { suspended, greenThreads, stacks } = getHub().stats();
  assert.deepStrictEqual({ suspended, greenThreads, inUse: stacks.inUse }, { suspended: 0, greenThreads: 0, inUse: 0 });
  console.log('ok');
}
main();
