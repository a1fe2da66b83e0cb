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
    const end = Date.now() + 1000;
    while (Date.now() < end);
  });
  ticker.kill();
  return worst;
}).then((worst) => {
  // A busy machine delays anybody; the second of computing would show.
  console.log(worst < 600 ? 'ok' : `delayed by ${worst} ms`);
});
