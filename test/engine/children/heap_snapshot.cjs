// Heap snapshots and heap statistics with many green threads suspended, taken on main and on a green thread.
const assert = require('node:assert');
const { rmSync, statSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const v8 = require('node:v8');
const { run, sleep, spawn } = require('verdant');

class OnlyOnAStack {
  constructor(n) {
    this.n = n;
  }
}

function snapshot() {
  const file = v8.writeHeapSnapshot(join(tmpdir(), `verdant-${process.pid}-${performance.now()}.heapsnapshot`));
  const { size } = statSync(file);
  rmSync(file);
  return size;
}

async function main() {
  const parked = Array.from({ length: 100 }, (_, n) =>
    spawn(() => {
      const local = new OnlyOnAStack(n);
      [2, 1].sort(() => (sleep(Infinity), 0));
      return local;
    }),
  );
  await run(() => sleep(0));
  assert.ok(snapshot() > 100_000);
  assert.ok((await run(snapshot)) > 100_000);
  process.removeAllListeners('warning'); // queryObjects is experimental
  assert.strictEqual(v8.queryObjects?.(OnlyOnAStack, { format: 'count' }) ?? 100, 100);
  v8.getHeapStatistics();
  await run(() => v8.getHeapSpaceStatistics());
  for (const thread of parked) thread.kill();
  await Promise.allSettled(parked);
  console.log('ok');
}
main();
