// Preloaded: a worker thread fails before it has begun, when it is told to.
'use strict';
const { isMainThread } = require('node:worker_threads');

if (!isMainThread && process.env.FALL_OVER === '1') throw new Error('cannot start here');
