// worker.terminate() meets a spinning green thread: what ends it must end Node's own stack of that Worker as well.
const assert = require('node:assert');
const { join } = require('node:path');
const { isMainThread, parentPort, Worker } = require('node:worker_threads');

if (isMainThread) {
  const worker = new Worker(__filename);
  worker.on('message', () => worker.terminate());
  worker.on('exit', (code) => {
    assert.strictEqual(code, 1);
    console.log('ok');
  });
} else {
  const { native } = require(join(__dirname, '../../../dist/realm.js'));
  const client = native.registerClient(
    () => {
      parentPort.postMessage('spinning');
      while (isMainThread === false);
      return 0;
    },
    () => undefined,
  );
  native.launch(client);
  while (isMainThread === false); // ended by the same termination, or never
}
