// A termination that is requested on a green thread and meets the switch before V8 has looked at it: it must not stay
// behind with the suspended green thread.
const assert = require('node:assert');
const { isMainThread, Worker } = require('node:worker_threads');
const { join } = require('node:path');

if (isMainThread) {
  const worker = new Worker(__filename);
  worker.on('exit', (code) => {
    assert.strictEqual(code, 7);
    console.log('ok');
  });
} else {
  const { native } = require(join(__dirname, '../../../dist/realm.js'));
  // Two native functions called by a native one: no JavaScript function is entered, so V8 checks for no interrupt.
  const steps = [process.reallyExit.bind(process, 7), null];
  const client = native.registerClient(
    () => {
      steps[1] = native.switchTo.bind(null, 0);
      steps.forEach(Reflect.apply);
      return 0;
    },
    () => undefined,
  );
  native.launch(client);
  for (;;); // node's own stack of this Worker: ended by the termination, or never
}
