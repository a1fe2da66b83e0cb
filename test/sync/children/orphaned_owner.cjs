const assert = require('node:assert');
const { Condition, RLock, run, Semaphore, sleep, spawnN } = require('verdant');

const count = 20;
let unwound = 0;

// Only its own stack refers to the green thread; that it owns the lock, which lies there too, must not keep it.
function orphan(lock) {
  spawnN(() => {
    using(lock, () => using(lock, () => sleep(Infinity)));
  });
}

function using(lock, fn) {
  const held = lock.hold();
  try {
    fn();
  } finally {
    held[Symbol.dispose]();
    unwound += 1;
  }
}

async function main() {
  const shared = Array.from({ length: count }, () => new RLock());
  for (const lock of shared) orphan(lock);
  for (let n = 0; n < count; n += 1) orphan(new RLock());
  for (let n = 0; n < count; n += 1) orphan(new Semaphore(2));
  for (let n = 0; n < count; n += 1) orphan(new Condition(new RLock()));
  await run(() => sleep(1));
  // V8 may still have one or another in a register or an inline cache.
  for (let round = 0; round < 50 && unwound < 8 * count - 4; round += 1) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
    await run(() => sleep(0));
  }
  assert.ok(unwound >= 8 * count - 4, `${unwound} of ${8 * count}`);
  const free = shared.filter((lock) => !lock.locked()).length;
  assert.ok(free >= count - 2, `${free} of ${count} are free again`);
  await run(() => {
    for (const lock of shared) if (!lock.locked()) lock.hold()[Symbol.dispose]();
  });
  console.log('ok');
  process.exit();
}

void main();
