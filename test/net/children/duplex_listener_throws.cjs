// The error does not reach the green thread that has read, but the process.
const { run } = require('verdant');
const { socketPair } = require('verdant/net');

const [left, right] = socketPair();
const stream = left.toDuplex();
const failure = new Error('thrown by a listener');
process.on('uncaughtException', (error, origin) => {
  if (error !== failure || origin !== 'uncaughtException') throw error;
  stream.destroy();
  right.close();
  console.log('ok');
});
stream.on('data', () => {
  throw failure;
});
void run(() => right.sendAll('x'));
