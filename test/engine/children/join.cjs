// Array.prototype.join on many green threads at once: V8 keeps one stack of joins for the realm.
const assert = require('node:assert');
const { run, sleep, spawn } = require('verdant');
const { getHub } = require('verdant/hub');

const pausing = (text, ms) => ({
  toString() {
    sleep(ms);
    return text;
  },
  toLocaleString() {
    return this.toString();
  },
});

run(() => {
  // They begin in one order and end in another.
  const threads = [5, 1, 4, 0, 3, 0].map((ms, n) =>
    spawn(() => {
      const items = [pausing(`a${n}`, ms), pausing(`b${n}`, ms)];
      return [items.join('-'), String(items), items.toLocaleString()];
    }),
  );
  threads.forEach((thread, n) => assert.deepStrictEqual(thread.wait(), [`a${n}-b${n}`, `a${n},b${n}`, `a${n},b${n}`]));

  // A kill in the middle of a join
  const parked = spawn(() => [pausing('x', 1e6)].join());
  const other = spawn(() => [pausing('y', 5)].join());
  sleep(1);
  parked.kill();
  assert.strictEqual(other.wait(), 'y');

  // Cycles are still found.
  const ring = [1];
  ring.push(ring);
  assert.strictEqual(ring.join('-'), '1-');
}).then(() => {
  assert.strictEqual(getHub().stats().suspended, 0);
  console.log('ok');
});
