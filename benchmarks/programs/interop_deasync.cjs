// <folder of packages> <samples> <milliseconds>: deasync runs Node's loop again inside of the call until a callback has come.
const { createRequire } = require('node:module');
const { join } = require('node:path');
const measure = require('./measure.cjs');

const deasync = createRequire(join(process.argv[2], 'any.cjs'))('deasync');

const asyncAnswer = async () => 1;
const waitFor = deasync((promise, done) => {
  promise.then((value) => done(null, value), done);
});

// Each time from a callback of the loop's own: inside of a promise reaction no other reaction would ever run.
const repeat = (promise) => (n) =>
  new Promise((resolve) => {
    setImmediate(() => {
      for (let i = 0; i < n; i += 1) if (waitFor(promise()) !== 1) throw new Error('another answer');
      resolve();
    });
  });

const cases = { 'wait, settled': repeat(() => Promise.resolve(1)), 'wait, async function': repeat(asyncAnswer) };

measure(cases, ...process.argv.slice(3).map(Number)).then((samples) => console.log(JSON.stringify(samples)));
