// meteor-promise as its users do: promises that are awaited in fibers, with a pool of them.
const assert = require('node:assert');
const Fiber = require('fibers');
require('meteor-promise').makeCompatible(Promise, Fiber);

const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

const work = Promise.async(function (base) {
  assert.ok(Fiber.current instanceof Fiber);
  Fiber.current.dynamics = { base };
  const sum = later(5, base).await() + Promise.await(later(1, 10));
  assert.equal(Fiber.current.dynamics.base, base);
  assert.deepEqual(Promise.awaitAll([later(2, 1), 2, later(1, 3)]), [1, 2, 3]);
  assert.throws(
    () => Promise.reject(new Error('rejected')).await(),
    ({ message, stack }) => message === 'rejected' && stack.includes('=> awaited here:'),
  );
  return sum;
});

Promise.all([work(1), work(2), work(3)])
  .then((sums) => {
    assert.deepEqual(sums, [11, 12, 13]);
    // Reactions run in fibers, so they can wait, too.
    return later(1, 'reaction').then((value) => value + later(1, ' waits').await());
  })
  .then((value) => {
    assert.equal(value, 'reaction waits');
    console.log('ok');
  });
