// JSPI: a green thread that calls a promising WebAssembly export and suspends below it.
const assert = require('node:assert');
const { run, sleep, spawn, wait } = require('verdant');
const { getHub } = require('verdant/hub');

if (typeof WebAssembly.promising !== 'function') {
  console.log('no JSPI');
  process.exit(0);
}

// (import "e" "f" (func (param i32) (result i32))) (func (export "g") (param i32) (result i32) (call 0 (local.get 0)))
const bytes = Buffer.from(
  '0061736d0100000001060160017f017f02070101650166000003020100070501016700010a08010600200010000b',
  'hex',
);
const instantiate = (f) =>
  WebAssembly.promising(new WebAssembly.Instance(new WebAssembly.Module(bytes), { e: { f } }).exports.g);

async function main() {
  // A promising export whose import suspends by a promise, started on green threads and waited for there
  const suspending = instantiate(new WebAssembly.Suspending(async (n) => (await null, n + 1)));
  await run(() => {
    const threads = Array.from({ length: 20 }, (_, n) => spawn(() => (sleep(0), wait(suspending(n)))));
    threads.forEach((thread, n) => assert.strictEqual(thread.wait(), n + 1));
  });

  // A plain import of a promising export that suspends the green thread below it
  const outcomes = [];
  const blocking = instantiate((n) => {
    try {
      sleep(0);
      outcomes.push('slept');
    } catch (error) {
      outcomes.push(error.code);
    }
    return n + 1;
  });
  await run(() => {
    const threads = Array.from({ length: 20 }, (_, n) =>
      spawn(() => {
        const promise = blocking(n);
        sleep(0);
        assert.throws(() => JSON.parse('{'), SyntaxError);
        return wait(promise);
      }),
    );
    threads.forEach((thread, n) => assert.strictEqual(thread.wait(), n + 1));
    globalThis.gc();
  });
  assert.strictEqual(outcomes.length, 20);
  // The export runs on Node's own stack, where nothing may block.
  for (const outcome of outcomes) assert.strictEqual(outcome, 'ERR_VERDANT_NOT_GREEN');

  // From main, while others are suspended; and spawning below a promising export
  const parked = spawn(() => sleep(Infinity));
  const spawning = instantiate((n) => (spawn(() => outcomes.push('spawned')), n));
  assert.strictEqual(await spawning(1), 1);
  await run(() => wait(spawning(2)));
  await run(() => sleep(0));
  assert.deepStrictEqual(outcomes.slice(20), ['spawned', 'spawned']);
  const descend = () => descend() + 1;
  assert.throws(descend, RangeError);
  await run(() => assert.throws(descend, RangeError));
  parked.kill();
  await parked.catch(() => undefined);
  assert.strictEqual(getHub().stats().suspended, 0);
  console.log('ok');
}
main();
