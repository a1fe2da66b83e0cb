// <async | generators> <samples> <milliseconds>: what the language has for suspending a function.
const measure = require('./measure.cjs');

const cases = {
  async: async (n) => {
    for (let i = 0; i < n; i += 1) await null;
  },
  // next() is there and back again: two switches.
  generators: (n) => {
    const generator = (function* () {
      for (;;) yield 1;
    })();
    for (let i = 0; i < n; i += 2) generator.next();
  },
};

const work = cases[process.argv[2]];
measure({ green: work, main: work }, ...process.argv.slice(3).map(Number)).then((samples) =>
  console.log(JSON.stringify(samples)),
);
