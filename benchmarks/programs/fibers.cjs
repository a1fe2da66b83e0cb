// <path of node-fibers> <switch | spawn> <samples> <milliseconds>, on Node 14.
const Fiber = require(process.argv[2]);
const measure = require('./measure.cjs');

const endless = Fiber(() => {
  for (;;) Fiber.yield();
});

// run() is there and back again: two switches. From one fiber to another there is no other way than these two.
const trip = (n) => {
  for (let i = 0; i < n; i += 2) endless.run();
};

const createAndRun = (n) => {
  for (let i = 0; i < n; i += 1) Fiber(() => i).run();
};

const cases = { switch: { green: trip, main: trip }, spawn: { one: createAndRun } };

measure(cases[process.argv[3]], ...process.argv.slice(4).map(Number)).then((samples) =>
  console.log(JSON.stringify(samples)),
);
