// <rounds>: one-way switches, and what Node itself offers for the same purpose.
const { getCurrent, run, sleep, spawn } = require('verdant');
const { native } = require('../../dist/realm.js');
const measure = require('./measure.cjs');

// Below the hub: a coroutine that always goes back to main.
let first = 0;
const nothing = () => undefined;
native.launch(
  native.registerClient(() => {
    first = native.current();
    for (;;) native.switchTo(0);
  }, nothing),
);

// Two coroutines that hand over to each other until `left` is used up, then back to main.
let left = 0;
const pair = [0, 0];
const pairClient = native.registerClient(() => {
  const index = pair[0] === 0 ? 0 : 1;
  pair[index] = native.current();
  native.switchTo(0);
  for (;;) {
    left -= 1;
    native.switchTo(left > 0 ? pair[1 - index] : 0);
  }
}, nothing);
native.launch(pairClient);
native.launch(pairClient);

const peers = {
  'await null': async (n) => {
    for (let i = 0; i < n; i += 1) await null;
  },
  'await of an async function': async (n) => {
    const trivial = async () => 1;
    for (let i = 0; i < n; i += 1) await trivial();
  },
  'generator next()': (n) => {
    const generator = (function* () {
      for (;;) yield 1;
    })();
    for (let i = 0; i < n; i += 1) generator.next();
  },
  'switch, green to green, one way': (n) => {
    left = n;
    native.switchTo(pair[0]);
  },
  'switch, main and green, one way': (n) => {
    for (let i = 0; i < n; i += 2) native.switchTo(first);
  },
  'sleep(0) between two green threads, one way': (n) =>
    run(() => {
      const work = () => {
        for (let i = 0; i < n; i += 2) sleep(0);
      };
      const other = spawn(work);
      work();
      other.join();
    }),
};

measure(peers, Number(process.argv[2])).then((samples) => {
  if (getCurrent() !== null) throw new Error('not on main');
  console.log(JSON.stringify(samples));
  process.exit(); // the raw coroutines belong to nobody
});
