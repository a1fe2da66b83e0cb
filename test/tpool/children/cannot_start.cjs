'use strict';
const assert = require('node:assert');
const { run } = require('verdant');
const { execute } = require('verdant/tpool');

run(() => {
  process.env.FALL_OVER = '1'; // see support/falls_over.cjs, which each thread preloads
  assert.throws(() => execute(() => 1), { code: 'ERR_VERDANT_WORKER_DIED' });
  delete process.env.FALL_OVER;
  assert.strictEqual(
    execute(() => 1),
    1,
  );
}).then(() => console.log('ok'));
