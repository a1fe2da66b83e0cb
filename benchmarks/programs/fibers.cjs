// Fibers: <path of node-fibers' package, or of verdant/fibers> <name> <rounds>. Runs on Node 14, too.
const Fiber = require(process.argv[2]);
const measure = require('./measure.cjs');

const name = process.argv[3];
const endless = Fiber(() => {
  for (;;) Fiber.yield();
});

measure(
  {
    [`${name}: run + yield`]: (n) => {
      for (let i = 0; i < n; i += 1) endless.run();
    },
    [`${name}: create + run`]: (n) => {
      for (let i = 0; i < n; i += 1) Fiber(() => i).run();
    },
  },
  Number(process.argv[4]),
).then((samples) => {
  console.log(JSON.stringify(samples));
  endless.reset();
});
