// VERDANT_HUB names a hub that does not exist: loading works, the first use says so, and so does every other.
'use strict';
const assert = require('node:assert/strict');
const verdant = require('verdant');

const refusal = { code: 'ERR_VERDANT_HUB', message: /asyncio/ };
assert.throws(() => verdant.spawn(() => 1), refusal);
assert.throws(() => verdant.promiseToGreen(Promise.resolve()), refusal);
assert
  .rejects(
    verdant.run(() => 1),
    refusal,
  )
  .then(() => process.stdout.write('ok\n'));
