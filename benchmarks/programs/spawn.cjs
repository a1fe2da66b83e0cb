// <rounds>: a trivial function on a green thread of its own, from spawn to outcome.
const { run, spawn, spawnStacks } = { ...require('verdant'), ...require('verdant/debug') };
const measure = require('./measure.cjs');

const trivial = () => 1;
const trivialAsync = async () => 1;

const spawnAndWait = (n) =>
  run(() => {
    for (let i = 0; i < n; i += 1) spawn(trivial).wait();
  });

measure(
  {
    'spawn + wait': spawnAndWait,
    'spawn + wait, spawn stacks off': async (n) => {
      spawnStacks(false);
      await spawnAndWait(n);
      spawnStacks(true);
    },
    'await run()': async (n) => {
      for (let i = 0; i < n; i += 1) await run(trivial);
    },
    'spawn 100, then wait for each': (n) =>
      run(() => {
        for (let i = 0; i < n; i += 100) {
          for (const thread of Array.from({ length: 100 }, () => spawn(trivial))) thread.wait();
        }
      }),
    'await of an async function': async (n) => {
      for (let i = 0; i < n; i += 1) await trivialAsync();
    },
  },
  Number(process.argv[2]),
).then((samples) => console.log(JSON.stringify(samples)));
