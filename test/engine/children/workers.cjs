// Workers: each with a hub of its own; ended in every way there is, with green threads suspended and spinning.
const assert = require('node:assert');
const { isMainThread, parentPort, Worker, workerData } = require('node:worker_threads');
const { getHub } = require('verdant/hub');
const { run, sleep, spawn, wait } = require('verdant');

// Reachable, so that none of them is unwound before the end.
globalThis.parked = [];
const keep = (fn) => globalThis.parked.push(spawn(fn));

const bodies = {
  /** Works, and ends when nothing is left to do. */
  natural() {
    assert.strictEqual(getHub().stats().greenThreads, 0);
    return run(() => {
      const threads = Array.from({ length: 100 }, (_, i) => spawn(() => (sleep(i % 5), wait(Promise.resolve(i)))));
      parentPort.postMessage(threads.reduce((sum, thread) => sum + thread.wait(), 0));
    });
  },
  /** Ends although green threads are suspended, in JavaScript and in V8's own code; no catch or finally runs. */
  suspended() {
    const hold = (fn) => {
      try {
        fn();
      } finally {
        parentPort.postMessage('finally');
      }
    };
    const block = () => sleep(Infinity);
    for (let i = 0; i < 10; i += 1) {
      keep(() => hold(block));
      keep(() => hold(() => [2, 1].sort(block)));
      keep(() => hold(() => JSON.stringify({ toJSON: block })));
      keep(() => hold(() => 'x'.replace(/x/, block)));
    }
    getHub().on('deadlock', () => undefined);
    return run(() => sleep(1));
  },
  spinning() {
    keep(() => sleep(Infinity));
    spawn(() => {
      parentPort.postMessage('spinning');
      for (;;);
    });
  },
  spinningInCatch() {
    spawn(() => {
      parentPort.postMessage('spinning');
      while (globalThis.parked) {
        try {
          while (globalThis.parked);
        } catch {
          continue;
        }
      }
    });
  },
  yielding() {
    for (let i = 0; i < 20; i += 1) {
      keep(() => {
        for (;;) {
          sleep(0);
        }
      });
    }
    setImmediate(() => parentPort.postMessage('spinning'));
  },
  exit() {
    keep(() => sleep(Infinity));
    spawn(() => {
      sleep(1);
      process.exit(5);
    });
  },
  uncaught() {
    keep(() => sleep(Infinity));
    spawn(() => {
      sleep(1);
      throw new Error('thrown in a green thread');
    });
  },
};

async function start(body) {
  const messages = [];
  const errors = [];
  const worker = new Worker(__filename, { workerData: body });
  worker.on('error', (error) => errors.push(error.message));
  worker.on('message', (message) => {
    messages.push(message);
    if (message === 'spinning') void worker.terminate();
  });
  const code = await new Promise((resolve) => worker.on('exit', resolve));
  return { code, messages, errors };
}

async function main() {
  const natural = { code: 0, messages: [4950], errors: [] };
  const results = [];
  // Main's own green threads and several Workers at once
  const own = run(() => {
    for (let i = 0; i < 20; i += 1) sleep(1);
    return 'undisturbed';
  });
  results.push(...(await Promise.all([start('natural'), start('natural'), start('natural')])));
  assert.deepStrictEqual(results, [natural, natural, natural]);
  assert.strictEqual(await own, 'undisturbed');

  assert.deepStrictEqual(await start('suspended'), { code: 0, messages: [], errors: [] });
  for (const body of ['spinning', 'spinningInCatch', 'yielding']) {
    assert.deepStrictEqual(await start(body), { code: 1, messages: ['spinning'], errors: [] }, body);
  }
  assert.deepStrictEqual(await start('exit'), { code: 5, messages: [], errors: [] });
  assert.deepStrictEqual(await start('uncaught'), { code: 1, messages: [], errors: ['thrown in a green thread'] });
  assert.deepStrictEqual(await start('natural'), natural, 'after all of these');
  assert.strictEqual(await run(() => (sleep(0), wait(Promise.resolve('alive')))), 'alive');
  console.log('ok');
}

if (isMainThread) void main();
else void bodies[workerData]();
