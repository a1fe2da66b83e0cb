const assert = require('node:assert');
const { readdirSync } = require('node:fs');

const look = () => ({
  listeners: process.eventNames().map((name) => [name, process.listenerCount(name)]),
  resources: process.getActiveResourcesInfo(),
  globals: Object.getOwnPropertyNames(globalThis),
  files: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
});

const before = look();
require('verdant');
require('verdant/hub');
require('verdant/debug');
assert.deepStrictEqual(look(), before);
require('verdant/hub').getHub();
assert.notDeepStrictEqual(look().listeners, before.listeners);
console.log('ok');
