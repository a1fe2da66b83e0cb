// wait.for as its README does: standard callbacks without callbacks, methods, and several things at once.
const assert = require('node:assert');
const fs = require('node:fs');
const wait = require('wait.for');

const doubled = (n, callback) => setTimeout(callback, 5, null, n * 2);

wait.launchFiber(() => {
  assert.match(wait.for(fs.readFile, __filename, 'utf8'), /^\/\/ wait\.for/);
  assert.throws(() => wait.for(fs.readFile, '/does/not/exist'), { code: 'ENOENT' });
  const object = { base: 1, add: (n, callback) => callback(null, object.base + n) };
  assert.equal(wait.forMethod(object, 'add', 2), 3);
  const start = performance.now();
  assert.deepEqual(
    wait.parallel.map([1, 2, 3], (n) => wait.for(doubled, n)),
    [2, 4, 6],
  );
  assert.ok(performance.now() - start < 1000);
  assert.deepEqual(
    wait.parallel.filter([1, 2, 3], (n) => wait.for(doubled, n) > 3),
    [2, 3],
  );
  console.log('ok');
});
assert.throws(() => wait.for(doubled, 1), /inside a fiber/);
