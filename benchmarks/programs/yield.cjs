// <switches> <count>...: so many green threads sleep(0) in turn. VERDANT_HUB says on which hub.
const { joinAll, run, sleep, spawn } = require('verdant');
const { cpuNanosecondsSince, main } = require('./yield_sizes.cjs');

async function pass(threads, times) {
  let elapsed = 0;
  await run(() => {
    const all = Array.from({ length: threads }, () =>
      spawn(() => {
        sleep(0); // all have started
        for (let i = 0; i < times; i += 1) sleep(0);
      }),
    );
    sleep(0); // they come up to their first sleep(0)
    const start = process.cpuUsage();
    joinAll(all);
    elapsed = cpuNanosecondsSince(start);
  });
  return elapsed;
}

main(pass, process.argv.slice(2).map(Number));
