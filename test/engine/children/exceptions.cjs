// Exceptions thrown by JavaScript and by V8's own C++, caught at another depth, on green stacks and on Node's own.
const assert = require('node:assert');
const { run, sleep, spawn } = require('verdant');

const throwers = {
  SyntaxError: [() => JSON.parse('{'), () => new Function('}'), () => new RegExp(...['('])],
  RangeError: [() => 'x'.repeat(-1), () => new Array(-1), () => 1n / 0n],
  TypeError: [() => null.nothing, () => Symbol() + '', () => Object.defineProperty(Object.freeze({}), 'x', {})],
  URIError: [() => decodeURIComponent('%')],
  ReferenceError: [() => globalThis.eval('missing')],
};

function deep(depth, fn) {
  if (depth === 0) return fn();
  return deep(depth - 1, fn);
}

function throwAll(depth) {
  for (const [name, functions] of Object.entries(throwers)) {
    for (const fn of functions) assert.throws(() => deep(depth, fn), { name });
  }
}

async function main() {
  for (let round = 0; round < 3; round += 1) {
    const threads = Array.from({ length: 20 }, (_, i) =>
      spawn(() => {
        for (let j = 0; j < 3; j += 1) {
          throwAll(i * 50);
          sleep(0);
          // Thrown above a suspension, caught below it.
          const thrown = new Error(`${i}`);
          const suspendAndThrow = () => {
            sleep(0);
            throw thrown;
          };
          assert.throws(
            () => deep(i * 50, suspendAndThrow),
            (error) => error === thrown,
          );
          throwAll(5);
        }
      }),
    );
    for (let turn = 0; turn < 5; turn += 1) {
      throwAll(2000); // deeper on Node's own stack than the engine's limit for a small stack would allow
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(threads);
    throwAll(2000);
  }
  await assert.rejects(
    run(() => deep(1500, () => JSON.parse('['))),
    { name: 'SyntaxError' },
  );
  console.log('ok');
}
main();
