// <samples> <milliseconds>: every bridge between green threads and async code, in CPU time of one crossing.
const { EventEmitter } = require('node:events');
const verdant = require('verdant');
const measure = require('./measure.cjs');

const {
  asyncIterate,
  asyncToGreen,
  blocking,
  greenToAsync,
  greenToPromise,
  iterate,
  once,
  promiseToGreen,
  run,
  spawn,
  wait,
} = verdant;

const answer = () => 1;
const asyncAnswer = async () => 1;
const later = () => new Promise((resolve) => queueMicrotask(() => resolve(1)));
const client = { ask: asyncAnswer };

/** So many times, on a green thread. */
const green = (once) => (n) =>
  run(() => {
    for (let i = 0; i < n; i += 1) once();
  });

/** So many times, in async code. */
const asynchronous = (once) => async (n) => {
  for (let i = 0; i < n; i += 1) await once();
};

const view = blocking(client);
const called = asyncToGreen(asyncAnswer);
const promised = greenToAsync(answer);

async function* asyncItems(n) {
  for (let i = 0; i < n; i += 1) yield i;
}

function* items(n) {
  for (let i = 0; i < n; i += 1) yield i;
}

const cases = {
  'wait, settled': green(() => wait(Promise.resolve(1))),
  'wait, pending': green(() => wait(later())),
  'wait, async function': green(() => wait(asyncAnswer())),
  asyncToGreen: green(() => called()),
  blocking: green(() => view.ask()),
  promiseToGreen: green(() => promiseToGreen(asyncAnswer()).wait()),
  once: green(() => {
    const emitter = new EventEmitter();
    queueMicrotask(() => emitter.emit('answer', 1));
    once(emitter, 'answer');
  }),
  iterate: (n) =>
    run(() => {
      for (const item of iterate(asyncItems(n))) if (item < 0) throw new Error('impossible');
    }),
  'await thread': asynchronous(() => spawn(answer)),
  greenToPromise: asynchronous(() => greenToPromise(spawn(answer))),
  greenToAsync: asynchronous(() => promised()),
  run: asynchronous(() => run(answer)),
  asyncIterate: async (n) => {
    for await (const item of asyncIterate(items(n))) if (item < 0) throw new Error('impossible');
  },
};

measure(cases, ...process.argv.slice(2).map(Number)).then((samples) => console.log(JSON.stringify(samples)));
