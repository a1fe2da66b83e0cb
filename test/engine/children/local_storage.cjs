// AsyncLocalStorage: inherited at spawn, private to each green thread, intact after every kind of suspension.
const assert = require('node:assert');
const { AsyncLocalStorage, AsyncResource, executionAsyncResource } = require('node:async_hooks');
const { setTimeout: delay } = require('node:timers/promises');
const { run, sleep, spawn, spawnAfter, spawnN, wait, withTimeout } = require('verdant');

const storage = new AsyncLocalStorage();
const second = new AsyncLocalStorage();

function assertStores(first, other) {
  assert.strictEqual(storage.getStore(), first);
  assert.strictEqual(second.getStore(), other);
}

const suspensions = [
  () => sleep(0),
  () => sleep(1),
  () => wait(Promise.resolve()),
  () => wait(delay(1)),
  () => wait(storage.run('other', async () => delay(1))),
  () => wait(spawn(() => storage.enterWith('the child only'))),
  () => storage.run('inner', () => (sleep(0), assert.strictEqual(storage.getStore(), 'inner'))),
  () => AsyncResource.bind(() => sleep(0))(),
  () => assert.throws(() => withTimeout(1, () => sleep(Infinity)), { code: 'ERR_VERDANT_TIMEOUT' }),
  () => wait(new Promise((resolve) => setTimeout(resolve, 1))),
];

// Where stores hang on resources, Node's exit() switches the storage off for the whole process until it returns.
if (process.argv[2] === 'frame') {
  suspensions.push(() => storage.exit(() => (sleep(0), assert.strictEqual(storage.getStore(), undefined))));
}

async function main() {
  storage.enterWith('main');
  second.enterWith('second');

  // Inherited, at the moment of spawn
  let store;
  const thread = spawn(() => (store = storage.getStore()));
  storage.enterWith('main, later');
  await thread;
  assert.strictEqual(store, 'main');
  storage.enterWith('main');
  spawnN(() => assertStores('main', 'second'));
  await spawnAfter(1, () => assertStores('main', 'second'));
  await storage.run('scoped', () => run(() => assertStores('scoped', 'second')));

  // Or none at all
  await spawn({ context: 'empty' }, () => {
    assertStores(undefined, undefined);
    sleep(0);
    assertStores(undefined, undefined);
    storage.enterWith('not empty');
    sleep(0);
    assertStores('not empty', undefined);
  });
  assertStores('main', 'second');

  // Private and intact
  const ids = Array.from({ length: 50 }, (_, id) => id);
  await Promise.all(
    ids.map((id) =>
      run(() => {
        const mine = { id };
        storage.enterWith(mine);
        for (let i = 0; i < suspensions.length; i += 1) {
          suspensions[(i + id) % suspensions.length]();
          assertStores(mine, 'second');
        }
        // What it starts inherits its stores
        const seen = [];
        process.nextTick(() => seen.push(storage.getStore()));
        setImmediate(() => seen.push(storage.getStore()));
        Promise.resolve().then(() => seen.push(storage.getStore()));
        wait(spawn(() => seen.push(storage.getStore())));
        sleep(5);
        wait(new Promise((resolve) => setImmediate(resolve)));
        assert.deepStrictEqual(seen, [mine, mine, mine, mine]);
      }),
    ),
  );
  assertStores('main', 'second');

  // A kill while inside a scope
  const inside = spawn(() =>
    storage.run('doomed', () => {
      try {
        sleep(Infinity);
      } finally {
        assert.strictEqual(storage.getStore(), 'doomed');
        sleep(0);
        assert.strictEqual(storage.getStore(), 'doomed');
      }
    }),
  );
  await delay(1);
  inside.kill(new Error('over'));
  await assert.rejects(Promise.resolve(inside), /over/);
  assertStores('main', 'second');

  // Recycled stacks remember nothing of those who ran on them before
  await run(() => storage.enterWith('leftover'));
  await spawn({ context: 'empty' }, () => assertStores(undefined, undefined));
  await run(() => (executionAsyncResource().leftover = true));
  await run(() => assert.strictEqual(executionAsyncResource().leftover, undefined));
  console.log('ok');
}
main();
