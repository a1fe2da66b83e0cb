// <samples> <milliseconds>: a trivial async function, from call to outcome.
const measure = require('./measure.cjs');

const trivial = async () => 1;

const one = async (n) => {
  for (let i = 0; i < n; i += 1) await trivial();
};

const cases = {
  one,
  'without stacks': one,
  run: one,
  hundred: async (n) => {
    for (let i = 0; i < n; i += 100) await Promise.all(Array.from({ length: 100 }, trivial));
  },
};

measure(cases, ...process.argv.slice(2).map(Number)).then((samples) => console.log(JSON.stringify(samples)));
