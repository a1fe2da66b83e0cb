'use strict';
const { run, sleep, spawn } = require('verdant');
const { execute } = require('verdant/tpool');

run(() => {
  execute(() => 1); // the thread is there
  let worst = 0;
  const ticker = spawn(() => {
    for (;;) {
      const before = performance.now();
      sleep(1);
      worst = Math.max(worst, performance.now() - before - 1);
    }
  });
  execute(() => {
    const end = Date.now() + 400;
    while (Date.now() < end);
  });
  ticker.kill();
  return worst;
}).then((worst) => {
  // A busy machine delays anybody; the 400 ms of computing would show.
  console.log(worst < 200 ? 'ok' : `delayed by ${worst} ms`);
});
