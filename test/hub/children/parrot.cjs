// As a child process or as a Worker: says what it is told, until it is told null or nobody is there any more.
const { parentPort } = require('node:worker_threads');

if (parentPort === null) {
  process.on('message', (message) => process.send(message));
} else {
  parentPort.on('message', (message) => {
    if (message === null) parentPort.close();
    else parentPort.postMessage(message);
  });
}
