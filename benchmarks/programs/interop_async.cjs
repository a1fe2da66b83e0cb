// <samples> <milliseconds>: what async code does in the place of each bridge of interop.cjs.
const { EventEmitter, once } = require('node:events');
const measure = require('./measure.cjs');

const asyncAnswer = async () => 1;
const later = () => new Promise((resolve) => queueMicrotask(() => resolve(1)));

const repeat = (once) => async (n) => {
  for (let i = 0; i < n; i += 1) await once();
};

async function* asyncItems(n) {
  for (let i = 0; i < n; i += 1) yield i;
}

const iteration = async (n) => {
  for await (const item of asyncItems(n)) if (item < 0) throw new Error('impossible');
};

const call = repeat(asyncAnswer);
const cases = {
  'wait, settled': repeat(() => Promise.resolve(1)),
  'wait, pending': repeat(later),
  once: repeat(() => {
    const emitter = new EventEmitter();
    queueMicrotask(() => emitter.emit('answer', 1));
    return once(emitter, 'answer');
  }),
  iterate: iteration,
  asyncIterate: iteration,
};
const calls = [
  'wait, async function',
  'asyncToGreen',
  'blocking',
  'promiseToGreen',
  'await thread',
  'greenToPromise',
  'greenToAsync',
  'run',
];
for (const name of calls) cases[name] = call;

measure(cases, ...process.argv.slice(2).map(Number)).then((samples) => console.log(JSON.stringify(samples)));
