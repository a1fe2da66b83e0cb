const assert = require('node:assert');
const { sleep, spawn } = require('verdant');
const { getHub } = require('verdant/hub');

const errors = [new Error('one'), new Error('two')];
const seen = [];
process.on('uncaughtException', (error) => seen.push(error));

getHub().runThreadsafe(() => {
  throw errors[0];
});
getHub().runThreadsafe(() => seen.push('call'));
getHub().scheduleCallGlobal(5, () => {
  throw errors[1];
});
getHub().scheduleCallGlobal(5, () => seen.push('timer'));
spawn(() => {
  sleep(10);
  seen.push('green thread');
});
process.on('exit', () => {
  assert.deepStrictEqual(seen, [errors[0], 'call', errors[1], 'timer', 'green thread']);
  console.log('ok');
});
