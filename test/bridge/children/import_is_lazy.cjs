// Loading verdant (with a nonsensical VERDANT_HUB even) adds no listener, handle, timer or warning.
'use strict';
const assert = require('node:assert/strict');

const listeners = () => process.eventNames().map((name) => [name, process.listenerCount(name)]);
const before = { listeners: listeners(), active: process.getActiveResourcesInfo() };

const verdant = require('verdant');
require('verdant/hub');
require('verdant/debug');

assert.deepEqual({ listeners: listeners(), active: process.getActiveResourcesInfo() }, before);
assert.throws(() => verdant.spawn(() => undefined), { code: 'ERR_VERDANT_HUB', message: /nonsense/ });
process.stdout.write('ok\n');
