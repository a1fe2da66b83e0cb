// Workers one after the other, each ending with suspended green threads: their stacks are given back.
const assert = require('node:assert');
const { readFileSync } = require('node:fs');
const { isMainThread, Worker } = require('node:worker_threads');
const { run, sleep, spawn } = require('verdant');

const mappings = () => readFileSync('/proc/self/maps', 'utf8').trim().split('\n').length;
const megabytes = (what) =>
  Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;

const once = () => new Promise((resolve) => new Worker(__filename).on('exit', resolve));

async function main() {
  for (let i = 0; i < 4; i += 1) assert.strictEqual(await once(), 0);
  const before = { mappings: mappings(), virtual: megabytes('VmSize'), resident: megabytes('VmRSS') };
  for (let i = 0; i < 12; i += 1) assert.strictEqual(await once(), 0);
  const after = { mappings: mappings(), virtual: megabytes('VmSize'), resident: megabytes('VmRSS') };
  const report = JSON.stringify({ before, after });
  // 12 Workers with 200 stacks of more than 1 MB each: 2400 stacks, 600 of which held half a megabyte of C++'s
  assert.ok(after.virtual - before.virtual < 1000, report);
  assert.ok(after.resident - before.resident < 150, report);
  assert.ok(after.mappings - before.mappings < 400, report);
  console.log('ok');
}

if (isMainThread) void main();
else {
  const block = { toJSON: () => sleep(Infinity) };
  globalThis.parked = Array.from({ length: 200 }, (_, i) =>
    // Every fourth holds memory outside of V8's heap, which only unwinding gives back
    spawn(() => (i % 4 === 0 ? JSON.stringify(['x'.repeat(500_000), block]) : sleep(Infinity))),
  );
  require('verdant/hub')
    .getHub()
    .on('deadlock', () => undefined);
  void run(() => sleep(1));
}
