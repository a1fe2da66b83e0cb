'use strict';
const assert = require('node:assert');
const { run } = require('verdant');
const { execute, setSize } = require('verdant/tpool');

setSize(1);
run(() => {
  const [outer, inner] = execute(() => {
    const { run: runThere } = require('verdant');
    const { execute: executeThere } = require('verdant/tpool');
    const { threadId } = require('node:worker_threads');
    return runThere(() => [threadId, executeThere(() => require('node:worker_threads').threadId)]);
  });
  assert.ok(outer > 0);
  assert.strictEqual(inner, outer);
}).then(() => console.log('ok'));
