// @wdio/sync runs a test's function in a fiber, and gives its outcome as a promise.
const assert = require('node:assert');
const Fiber = require('fibers');
const { runFnInFiberContext } = require('@wdio/sync');

const Future = require('fibers/future');
const later = (ms, value) => Future.fromPromise(new Promise((resolve) => setTimeout(resolve, ms, value)));

globalThis.browser = {}; // what the test runner provides

async function main() {
  const value = await runFnInFiberContext(function (base) {
    assert.ok(Fiber.current);
    return base + later(5, 1).wait();
  })(41);
  assert.equal(value, 42);
  await assert.rejects(runFnInFiberContext(() => assert.fail('in a fiber'))(), /in a fiber/);
  console.log('ok');
}

main();
