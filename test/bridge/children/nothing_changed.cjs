// Compares globals, prototypes and Node's modules before verdant is loaded with those after it has been used.
'use strict';
const assert = require('node:assert/strict');

const names = [
  'fs',
  'dns',
  'net',
  'http',
  'timers',
  'timers/promises',
  'events',
  'async_hooks',
  'child_process',
  'util',
];
const subjects = [
  globalThis,
  Promise,
  Promise.prototype,
  Function.prototype,
  EventTarget.prototype,
  AbortSignal.prototype,
  process,
  ...names.map((name) => require(`node:${name}`)),
  require('node:fs').promises,
  require('node:dns').promises,
  require('node:events').prototype,
];

// Accessors are compared as they are: reading some of them loads something.
function picture(subject) {
  const shot = new Map();
  for (const key of Reflect.ownKeys(subject)) {
    if (subject === process && key === '_events') continue;
    const { value, get, set } = Object.getOwnPropertyDescriptor(subject, key);
    if (typeof value === 'function' || get !== undefined) shot.set(key, { value, get, set });
  }
  return shot;
}

const before = subjects.map(picture);
const realm = Symbol.for('verdant.realm');
const verdant = require('verdant');
verdant
  .run(() => {
    verdant.sleep(1);
    return verdant.wait(new Promise((resolve) => setImmediate(resolve, 'used')));
  })
  .then((value) => {
    assert.equal(value, 'used');
    subjects.forEach((subject, index) => {
      const after = picture(subject);
      after.delete(realm);
      assert.deepEqual([...after.keys()], [...before[index].keys()]);
      for (const [key, { value: is, get, set }] of after) {
        const was = before[index].get(key);
        assert(is === was.value && get === was.get && set === was.set, String(key));
      }
    });
    process.stdout.write('ok\n');
  });
