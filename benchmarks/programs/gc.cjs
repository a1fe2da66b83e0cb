// <green | async> <frames> <count>...: what GCs take, in microseconds of CPU time, while so many wait at once; and by how
// many nanoseconds each of them makes it longer than it is with the first count.
const { getHub } = require('verdant/hub');
const { spawn, wait } = require('verdant');

const [who] = process.argv.slice(2);
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

const median = (samples) => [...samples].sort((a, b) => a - b)[samples.length >> 1];

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
  const results = {};
  let made = 0;
  for (const count of counts) {
    for (; made < count; made += 1) keep.push(who === 'green' ? spawn(descend, frames) : waiting());
    while (who === 'green' && getHub().stats().suspended < count) await new Promise(setImmediate);
    for (let i = 0; i < 3; i += 1) globalThis.gc(); // what is young and stays has moved
    collections('minor', 3);
    for (const [kind, wanted] of Object.entries({ minor: 15, major: 5 })) {
      const pause = median(collections(kind, wanted));
      results[`${kind} ${count}`] = pause;
      if (count > counts[0]) {
        results[`${kind} each ${count}`] = ((pause - results[`${kind} ${counts[0]}`]) * 1000) / (count - counts[0]);
      }
    }
  }
  console.log(JSON.stringify(results));
  process.exit();
}
main();
