// Recursion whose every level suspends, until the stack is full: each suspension works or throws a RangeError.
const assert = require('node:assert');
const { getHub } = require('verdant/hub');
const { run, sleep, spawn, wait } = require('verdant');

function descend(state, block) {
  state.depth += 1;
  block();
  state.sane += 1;
  descend(state, block);
}

async function main() {
  const blocks = [() => sleep(0), () => wait(Promise.resolve()), () => wait(spawn(() => 1))];
  for (const block of blocks) {
    await run(() => {
      const states = Array.from({ length: 4 }, () => ({ depth: 0, sane: 0 }));
      const threads = states.map((state) =>
        spawn(() => {
          assert.throws(() => descend(state, block), { name: 'RangeError' });
          sleep(0);
          assert.throws(() => descend({ depth: 0, sane: 0 }, block), { name: 'RangeError' });
          sleep(0);
          return 'survived';
        }),
      );
      for (const thread of threads) assert.strictEqual(thread.wait(), 'survived');
      for (const { depth, sane } of states) {
        assert.ok(depth > 100, `${depth} levels`);
        assert.ok(depth - sane <= 1, 'only the last level failed');
      }
    });
  }
  assert.strictEqual(await run(() => wait(Promise.resolve('still'))), 'still');
  const { suspended, greenThreads, stacks } = getHub().stats();
  assert.deepStrictEqual({ suspended, greenThreads, inUse: stacks.inUse }, { suspended: 0, greenThreads: 0, inUse: 0 });
  console.log('ok');
}
main();
