// <rounds> <threads> <times>: all yield in turn; nanoseconds for each switch, from the first start to the last end.
const { joinAll, run, sleep, spawn } = require('verdant');

const [rounds, threads, times] = process.argv.slice(2).map(Number);

async function green() {
  let elapsed = 0;
  await run(() => {
    const all = Array.from({ length: threads }, () =>
      spawn(() => {
        sleep(0); // all have started
        for (let i = 0; i < times; i += 1) sleep(0);
      }),
    );
    sleep(0); // they come up to their first sleep(0)
    const start = process.hrtime.bigint();
    joinAll(all);
    elapsed = Number(process.hrtime.bigint() - start);
  });
  return elapsed / (threads * times);
}

async function asynchronous() {
  let release;
  const gate = new Promise((resolve) => (release = resolve));
  const all = Array.from({ length: threads }, async () => {
    await gate;
    for (let i = 0; i < times; i += 1) await null;
  });
  const start = process.hrtime.bigint();
  release();
  await Promise.all(all);
  return Number(process.hrtime.bigint() - start) / (threads * times);
}

async function main() {
  const samples = { 'sleep(0) of green threads': [], 'await null of async functions': [] };
  for (let round = -3; round < rounds; round += 1) {
    const [first, second] = [await green(), await asynchronous()];
    if (round < 0) continue; // warming up
    samples['sleep(0) of green threads'].push(first);
    samples['await null of async functions'].push(second);
  }
  console.log(JSON.stringify(samples));
}
main();
