'use strict';
const { run } = require('verdant');
const { execute } = require('verdant/tpool');

let done = false;
// Nothing but the call keeps the process alive.
void run(() => {
  execute(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200) && undefined);
  done = true;
});
const start = performance.now();
process.on('exit', () => {
  const took = performance.now() - start;
  console.log(done && took < 5_000 ? 'ok' : `done: ${done}, after ${took} ms`);
});
