// <cycles> <at once>: spawns and finishes green threads, and looks at memory on the way. By how many MiB it grows between
// the halves, after a quarter that warms up.
const { joinAll, run, sleep, spawn } = require('verdant');

const [cycles, atOnce] = process.argv.slice(2).map(Number);

const work = (n) => {
  if (n % 2 === 0) sleep(0);
  return n;
};

async function main() {
  const samples = [];
  const every = cycles / 20;
  for (let done = 0; done < cycles;) {
    const until = done + every;
    await run(() => {
      for (; done < until; done += atOnce) joinAll(Array.from({ length: atOnce }, (_, n) => spawn(work, n)));
    });
    globalThis.gc();
    const { rss, heapUsed, external } = process.memoryUsage();
    samples.push({ done, rss, heapUsed, external });
  }
  const settled = samples.slice(5);
  const half = Math.ceil(settled.length / 2);
  const grown = (kind) => {
    const of = (part) => part.map((sample) => sample[kind]).sort((a, b) => a - b)[part.length >> 1];
    return (of(settled.slice(half)) - of(settled.slice(0, half))) / 2 ** 20;
  };
  console.log(JSON.stringify({ resident: grown('rss'), heap: grown('heapUsed'), rss: samples.at(-1).rss / 2 ** 20 }));
}
main();
