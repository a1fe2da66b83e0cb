// Suspensions that begin with every possible rest of stack left: each works, or throws a RangeError and changes nothing.
const assert = require('node:assert');
const { getHub } = require('verdant/hub');
const { run, sleep, spawn, wait } = require('verdant');

/** Uses up `levels` frames, and `words` of the stack on top, and calls `fn` there. */
function burn(levels, words, fn) {
  if (levels === 0) return takeWords(fn, ...new Array(words));
  return burn(levels - 1, words, fn);
}

function takeWords(fn) {
  return fn();
}

function descend(state, block) {
  state.depth += 1;
  block();
  state.sane += 1;
  descend(state, block);
}

function mostLevels() {
  let low = 1;
  let high = 1e6;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    try {
      burn(middle, 0, () => undefined);
      low = middle;
    } catch {
      high = middle;
    }
  }
  return low;
}

async function main() {
  const blocks = [() => sleep(0), () => wait(Promise.resolve()), () => spawn(() => 1).wait(), () => sleep(0.01)];
  await run(() => mostLevels());
  const levels = (await run(mostLevels)) - 600;
  for (const block of blocks) {
    for (let words = 0; words < 96; words += 24) {
      await run(() => {
        const states = [words, words + 8, words + 16].map((extra) => {
          const state = { depth: 0, sane: 0 };
          const fall = () => descend(state, block);
          state.thread = spawn(() => {
            assert.throws(() => burn(levels, extra, fall), { name: 'RangeError' });
            sleep(0);
            return wait(Promise.resolve('survived'));
          });
          return state;
        });
        for (const state of states) {
          assert.strictEqual(state.thread.wait(), 'survived');
          const { depth, sane } = state;
          assert.ok(depth > 5, `${depth} levels`);
          assert.ok(depth - sane <= 1, 'only the last suspension failed');
        }
      });
    }
  }
  const { suspended, greenThreads, ready, timers, stacks } = getHub().stats();
  const nothing = { suspended: 0, greenThreads: 0, ready: 0, timers: 0, inUse: 0 };
  assert.deepStrictEqual({ suspended, greenThreads, ready, timers, inUse: stacks.inUse }, nothing);
  console.log('ok');
}
main();
