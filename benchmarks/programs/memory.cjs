// <green | async> <count> <frames>: resident memory of so many that wait at once, each with some frames of its own.
const { readFileSync } = require('node:fs');
const { getHub } = require('verdant/hub');
const { run, sleep, spawn, wait } = require('verdant');

const [kind] = process.argv.slice(2);
const [count, frames] = process.argv.slice(3).map(Number);

let release;
const gate = new Promise((resolve) => (release = resolve));

function descend(levels, number) {
  if (levels > 1) return descend(levels - 1, number) + 1;
  return wait(gate) + number;
}

async function waiting(number) {
  return (await gate) + number;
}

const residentBytes = () => {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return kilobytes === null ? process.memoryUsage.rss() : Number(kilobytes[1]) * 1024;
};

async function main() {
  await run(() => sleep(1)); // what is needed once is there
  globalThis.gc();
  const before = residentBytes();
  const start = process.hrtime.bigint();
  const all = Array.from({ length: count }, (_, number) =>
    kind === 'green' ? spawn(descend, frames, number) : waiting(number),
  );
  await new Promise((resolve) => setTimeout(resolve, 10));
  while (kind === 'green' && getHub().stats().suspended < count) await new Promise(setImmediate);
  globalThis.gc();
  const after = residentBytes();
  release(1000);
  const values = await Promise.all(all);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const extra = kind === 'green' ? frames - 1 : 0;
  if (!values.every((value, number) => value === 1000 + number + extra)) throw new Error('wrong values');
  const { suspended, stacks } = getHub().stats();
  if (suspended + stacks.inUse > 0) throw new Error('some are still suspended');
  console.log(JSON.stringify({ [`bytes ${count}`]: (after - before) / count, [`seconds ${count}`]: seconds }));
}
main();
