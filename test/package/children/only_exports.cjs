const assert = require('node:assert');

for (const inner of ['verdant/dist/index.js', 'verdant/lib/index.ts', 'verdant/native', 'verdant/nonsense']) {
  assert.throws(() => require(inner), { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' }, inner);
}
assert.strictEqual(require('verdant/package.json').name, 'verdant');
console.log('ok');
