const assert = require('node:assert');
const { Event, run } = require('verdant');

const unhandled = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));

// Node reports when the microtasks are through; a round of the loop later it has.
const afterReports = () => new Promise((resolve) => setImmediate(resolve));
const ignore = () => undefined;

async function main() {
  const kept = new Error('kept');
  const nobodyAsked = new Event();
  nobodyAsked.sendError(kept);
  await afterReports();
  assert.deepStrictEqual(unhandled, [], 'nobody has asked for it');
  await run(() => assert.throws(() => nobodyAsked.wait(), kept));

  const handled = new Event();
  const answer = handled.then(undefined, () => 'handled');
  handled.sendError(new Error('handled'));
  assert.strictEqual(await answer, 'handled');
  await afterReports();
  assert.deepStrictEqual(unhandled, [], 'it is handled');

  for (const early of [true, false]) {
    const error = new Error('not handled');
    const event = new Event();
    if (early) void event.then(ignore);
    event.sendError(error);
    if (!early) void event.then(ignore);
    await afterReports();
    assert.deepStrictEqual(unhandled, [error]);
    unhandled.length = 0;
  }
  console.log('ok');
}

void main();
