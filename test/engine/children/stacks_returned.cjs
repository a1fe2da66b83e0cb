// Every stack comes back to the pool, however its green thread ended; and none is backed by huge pages.
const assert = require('node:assert');
const { readFileSync } = require('node:fs');
const { getHub } = require('verdant/hub');
const { run, sleep, spawn, wait } = require('verdant');

const ways = [
  () => 1,
  () => sleep(0),
  () => wait(Promise.reject(new Error('rejected'))),
  () => sleep(Infinity),
  () => {
    throw new Error('thrown');
  },
  () => {
    const descend = () => descend() + 1;
    return descend();
  },
];

async function main() {
  for (let round = 0; round < 3; round += 1) {
    await run(() => {
      const threads = Array.from({ length: 600 }, (_, i) => spawn(ways[i % ways.length]));
      for (const thread of threads) thread.catch(() => undefined);
      sleep(2);
      assert.ok(getHub().stats().stacks.inUse >= 100);
      for (const thread of threads) if (!thread.dead) thread.kill();
      for (const thread of threads) thread.join();
    });
    const { suspended, greenThreads, stacks, ready } = getHub().stats();
    assert.deepStrictEqual(
      { suspended, greenThreads, ready, inUse: stacks.inUse },
      { suspended: 0, greenThreads: 0, ready: 0, inUse: 0 },
    );
  }

  const frames = /^[0-9a-f]+-[0-9a-f]+ rw.p 00000000 00:00 0\s*$/;
  const parked = spawn(() => sleep(Infinity));
  await run(() => sleep(0));
  const smaps = readFileSync('/proc/self/smaps', 'utf8').split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/);
  const advised = smaps.filter((entry) => frames.test(entry.split('\n')[0]) && /VmFlags:.*\bnh\b/.test(entry));
  assert.ok(advised.length > 0, 'stacks are excluded from transparent huge pages');
  parked.kill();
  await parked.catch(() => undefined);
  console.log('ok');
}
main();
