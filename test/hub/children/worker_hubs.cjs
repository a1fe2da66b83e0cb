const assert = require('node:assert');
const { isMainThread, parentPort, Worker } = require('node:worker_threads');
const { getCurrent, joinAll, run, sleep, spawn } = require('verdant');
const { getHub } = require('verdant/hub');

// Ten green threads take turns, here as there.
function work() {
  return run(() => {
    const order = [];
    const threads = Array.from({ length: 10 }, (_, index) =>
      spawn(() => {
        order.push(index);
        sleep(1);
        order.push(index);
      }),
    );
    joinAll(threads);
    assert.ok(getCurrent());
    return order;
  });
}

const expected = Array.from({ length: 20 }, (_, index) => index % 10);

if (isMainThread) {
  const workers = Array.from({ length: 3 }, () => new Worker(__filename));
  const outcomes = workers.map(
    (worker) =>
      new Promise((resolve, reject) => {
        let message;
        worker.on('message', (value) => (message = value));
        worker.on('error', reject).on('exit', (code) => resolve([code, message]));
      }),
  );
  work()
    .then(async (order) => {
      assert.deepStrictEqual(order, expected);
      for (const outcome of await Promise.all(outcomes)) assert.deepStrictEqual(outcome, [0, { order, live: 0 }]);
      assert.strictEqual(getHub().stats().greenThreads, 0);
      console.log('ok');
    })
    .catch((error) => {
      console.error(error);
      process.exitCode = 1;
    });
} else {
  work().then((order) => parentPort.postMessage({ order, live: getHub().stats().greenThreads }));
}
