// <green | async> <frames> <count>...: duration of GCs, in microseconds, while so many wait at once.
const { PerformanceObserver, constants } = require('node:perf_hooks');
const { getHub } = require('verdant/hub');
const { spawn, wait } = require('verdant');

const [kind] = process.argv.slice(2);
const [frames, ...counts] = process.argv.slice(3).map(Number);
const never = new Promise(() => undefined);
const keep = [];

function descend(levels) {
  if (levels > 1) return descend(levels - 1) + 1;
  return wait(never);
}

async function waiting() {
  return (await never) + 1;
}

let seen = [];
const observer = new PerformanceObserver((list) => seen.push(...list.getEntries()));
observer.observe({ entryTypes: ['gc'] });

/** Young generation GCs as they come: from allocation. */
async function scavenges(wanted) {
  seen = [];
  let durations = [];
  while (durations.length < wanted) {
    for (let i = 0; i < 20_000; i += 1) keep[0] = { i, list: [i] };
    await new Promise(setImmediate);
    durations = seen.filter(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MINOR);
  }
  return durations.map(({ duration }) => duration * 1000);
}

function majors(wanted) {
  return Array.from({ length: wanted }, () => {
    const start = process.hrtime.bigint();
    globalThis.gc();
    return Number(process.hrtime.bigint() - start) / 1000;
  });
}

async function main() {
  const results = [];
  let made = 0;
  for (const count of counts) {
    for (; made < count; made += 1) keep.push(kind === 'green' ? spawn(descend, frames) : waiting());
    while (kind === 'green' && getHub().stats().suspended < count) await new Promise(setImmediate);
    globalThis.gc();
    globalThis.gc();
    await scavenges(3); // what is young and stays has moved
    results.push({ count, minor: await scavenges(15), major: majors(5) });
  }
  console.log(JSON.stringify(results));
  process.exit();
}
main();
