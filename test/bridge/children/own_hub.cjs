// Every bridge, on a hub of a class of our own.
'use strict';
const assert = require('node:assert/strict');
const { EventEmitter } = require('node:events');
const verdant = require('verdant');
const { getHub, NodeHub, useHub } = require('verdant/hub');

class OwnHub extends NodeHub {
  name = 'own';
}

async function main() {
  useHub(OwnHub);
  assert.equal(getHub().name, 'own');
  const { run, spawn, wait } = verdant;
  const later = (value) => new Promise((resolve) => setImmediate(resolve, value));
  assert.equal(await run(() => wait(later(1))), 1);
  assert.equal(await verdant.promiseToGreen(later(2)), 2);
  assert.equal(await verdant.greenToPromise(spawn(() => wait(later(3)))), 3);
  assert.equal(await verdant.greenToAsync(() => wait(later(4)))(), 4);
  assert.equal(await run(() => verdant.asyncToGreen(later)(5)), 5);
  assert.equal(await run(() => verdant.blocking({ later }).later(6)), 6);
  assert.deepEqual(await run(() => [...verdant.iterate([later(7)])]), [7]);
  const emitter = new EventEmitter();
  setImmediate(() => setImmediate(() => emitter.emit('event', 8)));
  assert.deepEqual(await run(() => verdant.once(emitter, 'event')), [8]);
  const items = [];
  for await (const item of verdant.asyncIterate([9])) items.push(item);
  assert.deepEqual(items, [9]);
  await assert.rejects(
    run(() => wait(new Promise(() => undefined), { timeout: 1 })),
    { code: 'ERR_VERDANT_TIMEOUT' },
  );
  process.stdout.write('ok\n');
}

main();
