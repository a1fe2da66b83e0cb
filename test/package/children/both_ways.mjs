import assert from 'node:assert';
import { createRequire } from 'node:module';
import * as everything from 'verdant';
import { getCurrent, GreenThread, run, sleep, spawn, wait } from 'verdant';
import { getHub } from 'verdant/hub';
import { spawnStacks } from 'verdant/debug';

const require = createRequire(import.meta.url);
const required = require('verdant');

// Each name is a named export for ESM, found without running the package.
for (const name of Object.keys(required)) assert.strictEqual(everything[name], required[name], name);
assert.strictEqual(required.spawn, spawn);
assert.strictEqual(require('verdant/hub').getHub, getHub);
assert.strictEqual(require('verdant/debug').spawnStacks, spawnStacks);

const answer = await run(() => {
  const thread = required.spawn(() => {
    sleep(1);
    return wait(Promise.resolve(42));
  });
  assert.ok(thread instanceof GreenThread);
  assert.ok(getCurrent() instanceof required.GreenThread);
  return thread.wait();
});
assert.strictEqual(answer, 42);
console.log('ok');
