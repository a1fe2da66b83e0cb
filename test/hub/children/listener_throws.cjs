const assert = require('node:assert');
const { run, sleep } = require('verdant');
const { getHub } = require('verdant/hub');
const { socketPair } = require('verdant/net');

const [left, right] = socketPair();
const failure = new Error('thrown by a listener');
const seen = [];
process.on('uncaughtException', (error) => seen.push(error));

let calls = 0;
const failing = getHub().add('read', left.fd, () => {
  calls += 1;
  if (calls < 3) throw failure;
  seen.push('called again');
  getHub().remove(failing);
});
const other = getHub().add('write', left.fd, () => {
  seen.push('other');
  getHub().remove(other);
});
run(() => {
  right.send('x');
  sleep(30);
  left.close();
  right.close();
});
process.on('exit', () => {
  assert.deepStrictEqual(
    seen.filter((what) => what !== 'other'),
    [failure, failure, 'called again'],
  );
  assert.ok(seen.includes('other'));
  console.log('ok');
});
