// Functions of several vm contexts on green threads, suspended across each other.
const assert = require('node:assert');
const vm = require('node:vm');
const { run, sleep, spawn, wait } = require('verdant');

async function main() {
  const contexts = Array.from({ length: 5 }, (_, i) => vm.createContext({ i, sleep, wait, spawn }));
  const functions = contexts.map((context) =>
    vm.runInContext(
      `(function step(depth, others) {
        const mine = [];
        sleep(0);
        if (mine.constructor !== Array || !(mine instanceof Array)) throw new Error('another context\\'s Array');
        if (typeof i !== 'number') throw new Error('another global');
        if (depth === 0) return [i];
        const rest = others[(i + depth) % others.length](depth - 1, others);
        wait(Promise.resolve());
        if (globalThis.i !== i) throw new Error('another global');
        try { null.x; } catch (error) { if (!(error instanceof TypeError)) throw new Error('another TypeError'); }
        return [i, ...rest];
      })`,
      context,
    ),
  );
  const results = await Promise.all(Array.from({ length: 50 }, (_, n) => run(functions[n % 5], n % 20, functions)));
  results.forEach((result, n) => {
    assert.strictEqual(result.length, (n % 20) + 1);
    assert.strictEqual(result[0], n % 5);
  });
  // Suspended inside the evaluation itself
  assert.deepStrictEqual(
    await Promise.all(
      contexts.map((context) => run(() => vm.runInContext('sleep(1); [i, typeof Array].join()', context))),
    ),
    contexts.map(({ i }) => `${i},function`),
  );
  // A function of another context as the green thread's own
  assert.strictEqual(
    await spawn(vm.runInNewContext('(function () { return new Error("x") })')).then((e) => e.message),
    'x',
  );
  // Contexts whose only user is a suspended green thread
  const thread = spawn(() => vm.runInNewContext('sleep(5); new Map([[1, 2]]).get(1)', { sleep }));
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc();
  globalThis.gc();
  assert.strictEqual(await thread, 2);
  console.log('ok');
}
main();
