// Two copies of the package in one process. The same version: they share one realm and one hub. Another: refused.
const assert = require('node:assert');
const { isMainThread, Worker } = require('node:worker_threads');
const first = require('verdant');

const [, , sameCopy, otherCopy] = process.argv;

async function main() {
  const second = require(sameCopy);
  assert.notStrictEqual(second.sleep, first.sleep);

  // A green thread of one blocks in calls of the other, both ways
  const order = [];
  await first.run(() => {
    const thread = second.spawn(() => {
      order.push('second');
      first.sleep(1);
      second.sleep(1);
      assert.strictEqual(first.getCurrent(), second.getCurrent());
      return first.wait(second.run(() => 'inner'));
    });
    assert.strictEqual(second.wait(thread), 'inner');
    assert.strictEqual(thread.wait(), 'inner');
    assert.strictEqual(second.getCurrent().state, 'running');
    order.push('first');
  });
  await second.run(() =>
    assert.throws(() => first.withTimeout(1, () => second.sleep(Infinity)), { code: 'ERR_VERDANT_TIMEOUT' }),
  );
  const killed = second.spawn(() => second.sleep(Infinity));
  await first.run(() => first.kill(killed));
  await assert.rejects(Promise.resolve(killed), { code: 'ERR_VERDANT_KILLED' });
  assert.deepStrictEqual(order, ['second', 'first']);

  for (let i = 0; i < 2; i += 1) {
    assert.throws(() => require(otherCopy), {
      name: 'UnsupportedRuntimeError',
      code: 'ERR_VERDANT_UNSUPPORTED_RUNTIME',
      message: /9\.9\.9/,
    });
  }
  assert.strictEqual(await first.run(() => (first.sleep(0), 'unharmed')), 'unharmed');

  if (isMainThread) {
    // A Worker may load the other version: it has a thread-local state of its own, and a realm of its own
    const code = await new Promise((resolve) => {
      new Worker(`require(${JSON.stringify(otherCopy)}).run(() => require(${JSON.stringify(otherCopy)}).sleep(1))`, {
        eval: true,
      }).on('exit', resolve);
    });
    assert.strictEqual(code, 0);
  }
  console.log('ok');
}
main();
