'use strict';
const { run, sleep } = require('verdant');
const { execute, statistics } = require('verdant/tpool');

const seen = [];
process.on('unhandledRejection', (error) => seen.push(error));
run(() => {
  execute(() => {
    setTimeout(() => {
      throw new Error('later');
    }, 10);
  });
  while (statistics().threads > 0 || seen.length === 0) sleep(5);
  return execute(() => 1);
}).then((one) => {
  const told = seen.length === 1 && seen[0].code === 'ERR_VERDANT_WORKER_DIED' && seen[0].cause.message === 'later';
  console.log(told && one === 1 ? 'ok' : seen);
});
