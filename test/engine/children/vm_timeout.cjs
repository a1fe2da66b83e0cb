// vm's `timeout` around a script that suspends: its watchdog hits whoever runs when it expires. That one may end with
// ERR_VERDANT_TERMINATED; the process and all others go on.
const assert = require('node:assert');
const vm = require('node:vm');
const { getHub } = require('verdant/hub');
const { run, sleep, spawn } = require('verdant');

function spin(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

const expected = ['ERR_SCRIPT_EXECUTION_TIMEOUT', 'ERR_VERDANT_TERMINATED', 'survived'];

async function main() {
  // No suspension: the ordinary case, on a green thread
  await run(() => {
    assert.throws(() => vm.runInNewContext('for (;;);', {}, { timeout: 20 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
    sleep(0);
    assert.throws(() => vm.runInNewContext('for (;;);', {}, { timeout: 20 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
  });

  // Expires while its own script runs, after a suspension
  await run(() => {
    assert.throws(() => vm.runInNewContext('sleep(0); for (;;);', { sleep }, { timeout: 50 }), {
      code: 'ERR_SCRIPT_EXECUTION_TIMEOUT',
    });
  });

  // Expires while another green thread runs
  const outcomes = await Promise.all([
    run(() => vm.runInNewContext('sleep(200); "survived"', { sleep }, { timeout: 50 })).catch((error) => error.code),
    run(() => (sleep(1), spin(150), 'survived')).catch((error) => error.code),
    run(() => (sleep(1), sleep(1), 'bystander')),
  ]);
  for (const outcome of outcomes.slice(0, 2)) assert.ok(expected.includes(outcome), String(outcome));
  assert.strictEqual(outcomes[2], 'bystander');

  // Suspended for good inside, and killed
  const held = spawn(() => vm.runInNewContext('sleep(Infinity)', { sleep }, { timeout: 100_000 }));
  await run(() => sleep(1));
  held.kill();
  await assert.rejects(Promise.resolve(held), { code: 'ERR_VERDANT_KILLED' });

  assert.strictEqual(await run(() => (sleep(1), vm.runInNewContext('1 + 1', {}, { timeout: 1000 }))), 2);
  assert.strictEqual(getHub().stats().suspended, 0);
  assert.strictEqual(getHub().stats().stacks.inUse, 0);
  console.log('ok');
}
main();
