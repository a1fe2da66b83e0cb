// Workers one after the other, each ending with suspended green threads: their stacks are given back.
const assert = require('node:assert');
const { readFileSync } = require('node:fs');
const { isMainThread, Worker } = require('node:worker_threads');
const { run, sleep, spawn } = require('verdant');

const mappings = () => readFileSync('/proc/self/maps', 'utf8').trim().split('\n').length;
const virtualMegabytes = () => Number(/VmSize:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;

const once = () => new Promise((resolve) => new Worker(__filename).on('exit', resolve));

async function main() {
  for (let i = 0; i < 4; i += 1) assert.strictEqual(await once(), 0);
  const before = { mappings: mappings(), megabytes: virtualMegabytes() };
  for (let i = 0; i < 12; i += 1) assert.strictEqual(await once(), 0);
  // 12 Workers with 200 stacks of more than 1 MB each: 2400 stacks
  assert.ok(virtualMegabytes() - before.megabytes < 1000, `${before.megabytes} MB before, ${virtualMegabytes()} after`);
  assert.ok(mappings() - before.mappings < 400, `${before.mappings} mappings before, ${mappings()} after`);
  console.log('ok');
}

if (isMainThread) void main();
else {
  globalThis.parked = Array.from({ length: 200 }, () => spawn(() => sleep(Infinity)));
  require('verdant/hub')
    .getHub()
    .on('deadlock', () => undefined);
  void run(() => sleep(1));
}
