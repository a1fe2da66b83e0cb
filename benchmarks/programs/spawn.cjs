// <samples> <milliseconds>: a trivial function on a green thread of its own, from spawn to outcome.
const { joinAll, run, spawn, spawnStacks } = { ...require('verdant'), ...require('verdant/debug') };
const measure = require('./measure.cjs');

const trivial = () => 1;

const spawnAndWait = (n) =>
  run(() => {
    for (let i = 0; i < n; i += 1) spawn(trivial).wait();
  });

const cases = {
  one: spawnAndWait,
  'without stacks': async (n) => {
    spawnStacks(false);
    await spawnAndWait(n);
    spawnStacks(true);
  },
  run: async (n) => {
    for (let i = 0; i < n; i += 1) await run(trivial);
  },
  hundred: (n) =>
    run(() => {
      for (let i = 0; i < n; i += 100) joinAll(Array.from({ length: 100 }, () => spawn(trivial)));
    }),
};

measure(cases, ...process.argv.slice(2).map(Number)).then((samples) => console.log(JSON.stringify(samples)));
