// <green | async> <frames> <count>...: what GCs take, in microseconds of CPU time, while so many wait at once.
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

/** CPU time of GCs of one kind, each after some work has left garbage. */
function collections(type, wanted) {
  return Array.from({ length: wanted }, () => {
    for (let i = 0; i < 2000; i += 1) keep[0] = { i, list: [i] };
    const start = process.cpuUsage();
    // Node 20 takes any options for those of a minor GC.
    if (type === 'major') globalThis.gc();
    else globalThis.gc({ type, execution: 'sync' });
    const { user, system } = process.cpuUsage(start);
    return user + system;
  });
}

async function main() {
  const results = [];
  let made = 0;
  for (const count of counts) {
    for (; made < count; made += 1) keep.push(kind === 'green' ? spawn(descend, frames) : waiting());
    while (kind === 'green' && getHub().stats().suspended < count) await new Promise(setImmediate);
    for (let i = 0; i < 3; i += 1) globalThis.gc(); // what is young and stays has moved
    collections('minor', 3);
    results.push({ count, minor: collections('minor', 15), major: collections('major', 5) });
  }
  console.log(JSON.stringify(results));
  process.exit();
}
main();
