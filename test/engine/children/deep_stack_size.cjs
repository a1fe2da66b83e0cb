// --stack-size on the command line: green threads get stacks of that size.
const assert = require('node:assert');
const { run, sleep, spawn } = require('verdant');

const depthOf = () => {
  let depth = 0;
  const descend = () => {
    depth += 1;
    descend();
  };
  assert.throws(descend, RangeError);
  return depth;
};
depthOf();
const onMain = depthOf();
void run(() => {
  depthOf();
  const threads = Array.from({ length: 3 }, () => spawn(() => (sleep(0), depthOf())));
  for (const thread of threads) {
    const depth = thread.wait();
    assert.ok(depth > onMain * 0.9, `${depth} levels, ${onMain} on main`);
  }
  console.log('ok');
});
