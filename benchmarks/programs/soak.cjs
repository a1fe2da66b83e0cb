// <cycles> <at once>: spawns and finishes green threads, and looks at resident memory on the way.
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
  console.log(JSON.stringify(samples));
}
main();
