// A green thread suspended while V8's own code holds an array that is shifted meanwhile, and then a collection.
const assert = require('node:assert');
const { run, sleep, spawn } = require('verdant');

async function main() {
  for (let round = 0; round < 20; round += 1) {
    await run(() => {
      const threads = Array.from({ length: 10 }, () => {
        const array = Array.from({ length: 2000 }, (_, i) => ({ i }));
        const holder = spawn(() => {
          const suspends = {
            [Symbol.isConcatSpreadable]: true,
            get length() {
              sleep(0);
              sleep(0);
              return 0;
            },
          };
          return [].concat(array, suspends).length;
        });
        return { array, holder };
      });
      sleep(0);
      for (const { array } of threads) for (let i = 0; i < 200; i += 1) array.shift();
      globalThis.gc();
      for (const { array, holder } of threads) {
        assert.strictEqual(holder.wait(), 2000);
        assert.strictEqual(array[0].i, 200);
      }
    });
  }
  console.log('ok');
}
main();
