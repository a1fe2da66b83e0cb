// <path of node-fibers> <samples> <milliseconds>, on Node 14: a fiber waits for promises.
const Fiber = require(process.argv[2]);
const Future = require(`${process.argv[2]}/future`);
const measure = require('./measure.cjs');

const asyncAnswer = async () => 1;
const later = () => new Promise((resolve) => queueMicrotask(() => resolve(1)));

const inFiber = (promise) => (n) =>
  new Promise((resolve, reject) => {
    Fiber(() => {
      try {
        for (let i = 0; i < n; i += 1) Future.fromPromise(promise()).wait();
        resolve();
      } catch (error) {
        reject(error);
      }
    }).run();
  });

const cases = {
  'wait, settled': inFiber(() => Promise.resolve(1)),
  'wait, pending': inFiber(later),
  'wait, async function': inFiber(asyncAnswer),
};

measure(cases, ...process.argv.slice(3).map(Number)).then((samples) => console.log(JSON.stringify(samples)));
