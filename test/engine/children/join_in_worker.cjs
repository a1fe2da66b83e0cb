// A Worker that is terminated while its green threads are suspended inside Array.prototype.join.
const assert = require('node:assert');
const { isMainThread, parentPort, Worker } = require('node:worker_threads');
const { sleep, spawn } = require('verdant');

if (isMainThread) {
  const worker = new Worker(__filename);
  worker.on('message', async () => {
    assert.strictEqual(await worker.terminate(), 1);
    console.log('ok');
  });
} else {
  const endless = {
    toString() {
      sleep(1e6);
      return '';
    },
  };
  for (let n = 0; n < 5; n += 1) spawn(() => [endless].join());
  spawn(() => parentPort.postMessage('all are inside'));
}
