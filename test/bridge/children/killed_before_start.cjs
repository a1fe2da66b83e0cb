// Kills bridged threads of every form before they start: no work begins, nothing is reported.
'use strict';
const assert = require('node:assert/strict');
const { promiseToGreen } = require('verdant');

let called = 0;
const work = async () => {
  called += 1;
  throw new Error('never seen');
};
const threads = [promiseToGreen(work), promiseToGreen(work, { signal: AbortSignal.abort() })];
threads.push(promiseToGreen(Promise.reject(new Error('of nobody'))));
for (const thread of threads) thread.kill();
setTimeout(() => {
  assert.equal(called, 0);
  assert.deepEqual(
    threads.map(({ state, started }) => [state, started]),
    threads.map(() => ['killed', false]),
  );
  process.stdout.write('ok\n');
}, 5);
