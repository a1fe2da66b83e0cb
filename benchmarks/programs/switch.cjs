// <samples> <milliseconds>: one-way switches, below the hub.
const { getCurrent } = require('verdant');
const { native } = require('../../dist/realm.js');
const measure = require('./measure.cjs');

// A coroutine that always goes back to main.
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

const cases = {
  green(n) {
    left = n;
    native.switchTo(pair[0]);
  },
  main(n) {
    for (let i = 0; i < n; i += 2) native.switchTo(first);
  },
};

measure(cases, ...process.argv.slice(2).map(Number)).then((samples) => {
  if (getCurrent() !== null) throw new Error('not on main');
  console.log(JSON.stringify(samples));
  process.exit(); // the raw coroutines belong to nobody
});
