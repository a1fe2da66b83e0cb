const assert = require('node:assert');
const { run, sleep, spawn } = require('verdant');

const error = new Error('broken');
const seen = [];
const promises = [];
process.on('unhandledRejection', (reason, promise) => {
  seen.push('unhandled', reason);
  promises.push(promise);
});
process.on('rejectionHandled', (promise) => seen.push('handled', promise));

const thread = spawn(() => {
  throw error;
});
run(() => {
  sleep(10);
  assert.throws(() => thread.wait(), error);
  assert.throws(() => thread.wait(), error);
  sleep(10);
}).then(() => {
  assert.deepStrictEqual(seen, ['unhandled', error, 'handled', promises[0]]);
  console.log('ok');
});
