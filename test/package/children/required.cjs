const { run, sleep, spawn } = require('verdant');

run(() => {
  const seen = [];
  const threads = [3, 1, 2].map((ms) => spawn(() => (sleep(ms * 5), seen.push(ms))));
  for (const thread of threads) thread.wait();
  return seen.length === 3;
}).then((fine) => console.log(fine ? 'ok' : 'wrong'));
