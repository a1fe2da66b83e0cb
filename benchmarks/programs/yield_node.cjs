// <async | callbacks> <switches> <count>...: so many async functions await null, or chains of callbacks go through
// setImmediate, in turn.
const { cpuNanosecondsSince, main } = require('./yield_sizes.cjs');

async function asynchronous(threads, times) {
  let release;
  const gate = new Promise((resolve) => (release = resolve));
  const all = Array.from({ length: threads }, async () => {
    await gate;
    for (let i = 0; i < times; i += 1) await null;
  });
  const start = process.cpuUsage();
  release();
  await Promise.all(all);
  return cpuNanosecondsSince(start);
}

function callbacks(threads, times) {
  return new Promise((resolve) => {
    let running = threads;
    const start = process.cpuUsage();
    const step = (left) => {
      if (left > 0) setImmediate(step, left - 1);
      else if ((running -= 1) === 0) resolve(cpuNanosecondsSince(start));
    };
    for (let i = 0; i < threads; i += 1) setImmediate(step, times - 1);
  });
}

main({ async: asynchronous, callbacks }[process.argv[2]], process.argv.slice(3).map(Number));
