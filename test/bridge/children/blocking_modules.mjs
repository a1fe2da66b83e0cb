// A view of an ES module: its functions block, its rules (sealed, live bindings) hold.
import assert from 'node:assert/strict';
import { types } from 'node:util';
import { blocking, run } from 'verdant';
import * as library from './library.mjs';

assert(types.isModuleNamespaceObject(library));
const view = blocking(library);
assert.equal(await run(() => view.load(1)), 2);
assert.equal(await run(() => view.default.load(3)), 6);
assert.equal(await run(() => view.nested.load(5)), 6);
assert.equal(await run(() => new view.Store('s').load()), 's');
assert.equal(view.count, 0);
assert.equal(view.increment(), 1);
assert.equal(view.count, 1);
assert.deepEqual(Object.keys(view), Object.keys(library));
assert.throws(() => {
  view.count = 5;
}, TypeError);
assert.equal(blocking(library), view);
process.stdout.write('ok\n');
