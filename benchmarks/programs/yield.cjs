// <rounds> <threads> <times>: all yield in turn; nanoseconds of CPU time for each switch, from the first start to the last end.
const { joinAll, run, sleep, spawn } = require('verdant');

const [rounds, threads, times] = process.argv.slice(2).map(Number);

function cpuNanosecondsSince(start) {
  const { user, system } = process.cpuUsage(start);
  return (user + system) * 1000;
}

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
    const start = process.cpuUsage();
    joinAll(all);
    elapsed = cpuNanosecondsSince(start);
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
  const start = process.cpuUsage();
  release();
  await Promise.all(all);
  return cpuNanosecondsSince(start) / (threads * times);
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
