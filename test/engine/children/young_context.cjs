// Scavenges while many green threads are suspended and the running one has a young AsyncLocalStorage store.
const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const { run, sleep, spawn } = require('verdant');

const storage = new AsyncLocalStorage();

function work(id) {
  for (let round = 0; round < 30; round += 1) {
    storage.run({ id, round, list: [id, round] }, () => {
      const garbage = [];
      for (let i = 0; i < 200; i += 1) garbage.push({ i, text: `${id} ${i}` });
      sleep(0);
      const { id: mine, round: now, list } = storage.getStore();
      assert.deepStrictEqual([mine, now, list], [id, round, [id, round]]);
      assert.strictEqual(garbage[199].text, `${id} 199`);
    });
  }
}

async function main() {
  await run(() => {
    const threads = Array.from({ length: 400 }, (_, id) => spawn(() => storage.run({ id }, work, id)));
    for (const thread of threads) thread.wait();
  });
  // From main: the store of plain code survives as well
  await storage.run({ plain: [1] }, async () => {
    const parked = spawn(() => sleep(Infinity));
    for (let i = 0; i < 200; i += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      Array.from({ length: 20_000 }, (_, n) => ({ n }));
      assert.deepStrictEqual(storage.getStore(), { plain: [1] });
    }
    parked.kill();
    await parked.catch(() => undefined);
  });
  console.log('ok');
}
main();
