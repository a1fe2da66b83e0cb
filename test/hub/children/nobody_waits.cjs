const { sleep, spawn } = require('verdant');
const { socketPair } = require('verdant/net');

const [left, right] = socketPair();
spawn(() => left.recv());
spawn(() => {
  sleep(1);
  throw new Error(right.closed ? 'closed' : 'nobody waits');
});
