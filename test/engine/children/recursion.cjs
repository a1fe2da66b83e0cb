// Runaway recursion on green threads: a RangeError, as deep as on Node's own stack, after which everything works.
const assert = require('node:assert');
const { getHub } = require('verdant/hub');
const { run, sleep, spawn } = require('verdant');

function depthOf() {
  let depth = 0;
  const descend = () => {
    depth += 1;
    descend();
  };
  assert.throws(descend, { name: 'RangeError', message: /call stack/ });
  return depth;
}

function nestedArray(depth) {
  let array = [];
  for (let i = 0; i < depth; i += 1) array = [array];
  return array;
}

function everythingWorks() {
  assert.deepStrictEqual(
    [3, 1, 2].sort((a, b) => (sleep(0), a - b)),
    [1, 2, 3],
  );
  assert.throws(() => JSON.parse('{'), { name: 'SyntaxError' });
  globalThis.gc();
}

async function main() {
  depthOf();
  const onMain = depthOf();
  await run(() => {
    depthOf();
    const onGreen = depthOf();
    assert.ok(onGreen > onMain * 0.9, `${onGreen} levels on a green thread, ${onMain} on main`);
    everythingWorks();

    const threads = Array.from({ length: 10 }, () =>
      spawn(() => {
        const before = depthOf();
        sleep(0);
        const after = depthOf();
        assert.ok(after > before * 0.9, "the limit is this stack's own after a switch");
        everythingWorks();
      }),
    );
    for (const thread of threads) thread.wait();

    // Native code that recurses by itself
    assert.throws(() => nestedArray(1_000_000).flat(Infinity), { name: 'RangeError' });
    assert.throws(() => String(nestedArray(1_000_000)), { name: 'RangeError' });
    assert.throws(() => new Function('('.repeat(1_000_000)), Error);
    const cyclic = { toJSON: () => ({ cyclic }) };
    assert.throws(() => JSON.stringify(cyclic), { name: 'RangeError' });
    const spliced = {
      get x() {
        return spliced.x;
      },
    };
    assert.throws(() => spliced.x, { name: 'RangeError' });
    everythingWorks();
  });
  // A green thread that dies of it
  await assert.rejects(
    run(() => {
      const descend = () => descend() + 1;
      return descend();
    }),
    { name: 'RangeError' },
  );
  const afterwards = depthOf();
  assert.ok(afterwards > onMain * 0.9, `${afterwards} levels on main afterwards, ${onMain} before`);
  await run(everythingWorks);
  assert.strictEqual(getHub().stats().suspended, 0);
  console.log('ok');
}
main();
