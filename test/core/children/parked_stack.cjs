const assert = require('node:assert');
const { run, sleep, spawn } = require('verdant');

function dozing() {
  sleep(Infinity);
}

const thread = spawn(function body() {
  dozing();
});
run(() => {
  sleep(0);
  const lines = thread.stack.split('\n');
  assert.match(lines[0], /at dozing .*parked_stack\.cjs/);
  assert.match(lines[1], /at .*body .*parked_stack\.cjs/);
  assert.strictEqual(lines.length, 2, thread.stack);
  thread.kill();
}).then(() => console.log('ok'));
