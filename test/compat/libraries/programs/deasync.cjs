// A program written for deasync.
const assert = require('node:assert');
const { exec } = require('node:child_process');
const deasync = require('deasync');

assert.equal(deasync(exec)('echo hello'), 'hello\n');
let done = false;
setTimeout(() => (done = true), 5);
deasync.loopWhile(() => !done);
deasync.sleep(1);
deasync.runLoopOnce();
console.log('ok');
