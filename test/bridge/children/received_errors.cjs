// Green threads fail in every way, and somebody receives each error: nothing is to be printed.
'use strict';
const assert = require('node:assert/strict');
const { promiseToGreen, run, sleep, spawn, wait } = require('verdant');

const failure = new Error('received');
const fail = () => {
  sleep(1);
  throw failure;
};

async function main() {
  const received = [];
  const receive = (error) => received.push(error);
  await spawn(fail).catch(receive);
  await promiseToGreen(() => Promise.reject(failure)).catch(receive);
  await run(() => {
    for (const receiver of [(thread) => thread.wait(), wait]) {
      try {
        receiver(spawn(fail));
      } catch (error) {
        receive(error);
      }
    }
    const joined = spawn(fail);
    joined.join();
    receive(joined.error);
  });
  await new Promise((resolve) =>
    spawn(fail).link(({ error }) => {
      receive(error);
      resolve();
    }),
  );
  assert.deepEqual(received, Array(6).fill(failure));
  process.stdout.write('ok\n');
}

main();
