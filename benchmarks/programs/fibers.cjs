// <path of node-fibers, or of verdant/fibers> <switch | spawn | fibers> <samples> <milliseconds>. Runs on Node 14, too.
const Fiber = require(process.argv[2]);
const measure = require('./measure.cjs');

const endless = Fiber(() => {
  for (;;) Fiber.yield();
});

const runAndYield = (n) => {
  for (let i = 0; i < n; i += 1) endless.run();
};

// run() is there and back again: two switches. From one fiber to another there is no other way than these two.
const trip = (n) => runAndYield(n / 2);

const createAndRun = (n) => {
  for (let i = 0; i < n; i += 1) Fiber(() => i).run();
};

const cases = {
  switch: { green: trip, main: trip },
  spawn: { one: createAndRun },
  fibers: { 'run + yield': runAndYield, 'create + run': createAndRun },
};

measure(cases[process.argv[3]], ...process.argv.slice(4).map(Number)).then((samples) => {
  console.log(JSON.stringify(samples));
  endless.reset();
});
