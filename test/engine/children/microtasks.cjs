// Ticks, promise reactions and green threads: nobody's order changes, nobody is starved, and where a suspension would
// stop the draining of microtasks it is refused.
const assert = require('node:assert');
const vm = require('node:vm');
const { run, sleep, spawn, wait } = require('verdant');

async function main() {
  // Reactions keep their order, whoever queues them
  const order = [];
  await run(() => {
    Promise.resolve()
      .then(() => order.push(1))
      .then(() => order.push(3));
    Promise.resolve()
      .then(() => order.push(2))
      .then(() => order.push(4));
    sleep(0);
    wait(new Promise((resolve) => setImmediate(resolve)));
  });
  assert.deepStrictEqual(order, [1, 2, 3, 4]);

  // A tick before a reaction that was queued with it, as ever on Node's own stack
  order.length = 0;
  await run(() => {
    setImmediate(() => {
      Promise.resolve().then(() => order.push('reaction'));
      process.nextTick(() => order.push('tick'));
    });
    sleep(5);
  });
  assert.deepStrictEqual(order, ['tick', 'reaction']);

  // A green thread that queues reactions and never leaves: they run when it suspends
  await run(() => {
    let ran = false;
    Promise.resolve().then(() => (ran = true));
    for (let i = 0; i < 1e5; i += 1);
    assert.strictEqual(ran, false);
    wait(Promise.resolve());
    assert.strictEqual(ran, true);
  });

  // Spawned in a microtask, and woken by microtasks
  await Promise.resolve().then(() => {
    const thread = spawn(() => (wait(Promise.resolve()), sleep(0), 'done'));
    return thread.then((value) => assert.strictEqual(value, 'done'));
  });

  // Blocking in a microtask: no green thread runs there
  await assert.rejects(
    Promise.resolve().then(() => sleep(0)),
    { code: 'ERR_VERDANT_NOT_GREEN' },
  );

  // A context with a queue of its own, which this green thread drains on its own stack when the script ends
  await run(() => {
    const seen = [];
    const context = vm.createContext({ sleep, seen }, { microtaskMode: 'afterEvaluate' });
    vm.runInContext(
      'Promise.resolve().then(() => { try { sleep(0); seen.push("slept"); } catch (e) { seen.push(e.code); } })',
      context,
    );
    assert.strictEqual(seen.length, 1);
    assert.ok(['slept', 'ERR_VERDANT_CANNOT_SUSPEND'].includes(seen[0]), seen[0]);
    sleep(0);
  });

  // The process's own queue, drained by force on a green thread's stack
  const codes = [];
  await run(() => {
    const attempt = () => {
      try {
        sleep(0);
        codes.push('slept');
      } catch (error) {
        codes.push(error.code);
      }
    };
    queueMicrotask(attempt);
    process._tickCallback();
  });
  assert.deepStrictEqual(codes, ['ERR_VERDANT_CANNOT_SUSPEND']);
  let alive = false;
  await Promise.resolve().then(() => (alive = true));
  assert.ok(alive);
  await run(() => wait(Promise.resolve()));
  console.log('ok');
}
main();
