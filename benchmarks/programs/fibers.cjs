// node-fibers, on Node 14: <path of the package> <rounds>
const Fiber = require(process.argv[2]);
const measure = require('./measure.cjs');

const endless = Fiber(() => {
  for (;;) Fiber.yield();
});

measure(
  {
    'fibers: run + yield': (n) => {
      for (let i = 0; i < n; i += 1) endless.run();
    },
    'fibers: create + run': (n) => {
      for (let i = 0; i < n; i += 1) Fiber(() => i).run();
    },
  },
  Number(process.argv[3]),
).then((samples) => console.log(JSON.stringify(samples)));
