// <folder of packages> <samples> <milliseconds>: synckit runs the async function in a worker and blocks the thread with
// Atomics.wait. This file is the worker, too.
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { isMainThread, workerData } = require('node:worker_threads');
const measure = require('./measure.cjs');

const folder = isMainThread ? process.argv[2] : process.env.SYNCKIT_FOLDER;
const { createSyncFn, runAsWorker } = createRequire(join(folder, 'any.cjs'))('synckit');

if (isMainThread || workerData === null) {
  process.env.SYNCKIT_FOLDER = folder;
  const answer = createSyncFn(__filename);
  const call = (n) => {
    for (let i = 0; i < n; i += 1) if (answer() !== 1) throw new Error('another answer');
  };
  measure({ 'wait, async function': call }, ...process.argv.slice(3).map(Number)).then((samples) => {
    console.log(JSON.stringify(samples));
    process.exit(); // the worker waits for more
  });
} else {
  runAsWorker(async () => 1);
}
