// --stack-size raised at run time, after the stacks were sized: refused with a code, never a crash.
const assert = require('node:assert');
const v8 = require('node:v8');
const { run, sleep, spawn } = require('verdant');
const { getHub } = require('verdant/hub');

async function main() {
  const parked = spawn(() => (sleep(20), 'started before'));
  await new Promise((resolve) => setImmediate(resolve));
  const limit = Number(process.argv[2]);
  v8.setFlagsFromString(`--stack-size=${limit}`);
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => run(() => (sleep(0), 'ran'))));
  for (const outcome of outcomes) {
    if (limit > 984) assert.strictEqual(outcome.reason?.code, 'ERR_VERDANT_NO_STACK', JSON.stringify(outcome));
    else assert.strictEqual(outcome.value, 'ran');
  }
  // A whole queue of them, and one refused while a green thread hands over to it
  assert.strictEqual(await parked, 'started before');
  v8.setFlagsFromString('--stack-size=984');
  assert.strictEqual(await run(() => (sleep(0), 'ran')), 'ran');
  assert.strictEqual(getHub().stats().suspended, 0);
  assert.strictEqual(getHub().stats().stacks.inUse, 0);
  assert.strictEqual(getHub().stats().greenThreads, 0);
  console.log('ok');
}
main();
