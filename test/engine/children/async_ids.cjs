// Suspending inside scopes of async_hooks (resources, domains, emitters), several levels deep, interleaved, against the
// order in which the scopes were entered. Node aborts the process when an id is popped that is not on top.
const assert = require('node:assert');
const hooks = require('node:async_hooks');
const { EventEmitter, EventEmitterAsyncResource } = require('node:events');
const domain = require('node:domain');
const { run, sleep, spawn, wait } = require('verdant');

const { AsyncResource, executionAsyncId, executionAsyncResource, triggerAsyncId } = hooks;

const mode = process.argv[2] ?? 'plain';
if (mode === 'hook') {
  const alive = new Map();
  hooks
    .createHook({
      init: (id, type) => alive.set(id, type),
      before: (id) => assert.ok(alive.has(id) || id === 0),
      after: (id) => assert.ok(alive.has(id) || id === 0),
      destroy: (id) => alive.delete(id),
      promiseResolve: () => undefined,
    })
    .enable();
}

function identity() {
  return [executionAsyncId(), triggerAsyncId(), executionAsyncResource()];
}

function assertSame(before) {
  const after = identity();
  assert.strictEqual(after[0], before[0]);
  assert.strictEqual(after[1], before[1]);
  assert.strictEqual(after[2], before[2], 'the very same resource');
}

/** Suspends, and checks that all that names the running code is as before. */
function suspend(how) {
  const before = identity();
  if (how % 3 === 0) sleep(0);
  else if (how % 3 === 1) wait(Promise.resolve());
  else wait(new Promise((resolve) => setImmediate(resolve)));
  assertSame(before);
}

const scopes = {
  runInAsyncScope: (body) => {
    const resource = new AsyncResource('TEST');
    return resource.runInAsyncScope(() => {
      assert.strictEqual(executionAsyncId(), resource.asyncId());
      assert.strictEqual(executionAsyncResource(), resource);
      return body();
    });
  },
  bind: (body) => AsyncResource.bind(body)(),
  instanceBind: (body) => new AsyncResource('TEST', { triggerAsyncId: 7 }).bind(body)(),
  domainRun: (body) => domain.create().run(body),
  domainBind: (body) => domain.create().bind(body)(),
  emitter: (body) => {
    const emitter = new EventEmitter();
    let result;
    emitter.once('event', () => (result = body()));
    emitter.emit('event');
    return result;
  },
  emitterResource: (body) => {
    const emitter = new EventEmitterAsyncResource({ name: 'TEST' });
    let result;
    emitter.once('event', () => {
      assert.strictEqual(executionAsyncId(), emitter.asyncId);
      result = body();
    });
    emitter.emit('event');
    return result;
  },
};
const names = Object.keys(scopes);

function nest(seed, depth) {
  if (depth === 0) {
    suspend(seed);
    return seed;
  }
  const before = identity();
  const result = scopes[names[(seed + depth) % names.length]](() => {
    suspend(seed + depth);
    const inner = nest(seed, depth - 1);
    suspend(seed + depth + 1);
    return inner;
  });
  assertSame(before);
  return result;
}

async function main() {
  for (const name of names) {
    await run(() => {
      const before = identity();
      scopes[name](() => suspend(0));
      assertSame(before);
    });
  }

  // Two threads whose scopes end in the order in which they began
  await run(() => {
    const threads = [1, 2, 3].map((n) =>
      spawn(() => {
        scopes.runInAsyncScope(() => scopes.runInAsyncScope(() => sleep(0)));
        return n;
      }),
    );
    assert.deepStrictEqual(
      threads.map((thread) => thread.wait()),
      [1, 2, 3],
    );
  });

  // Many, each nested differently
  const outer = identity();
  const all = Array.from({ length: 100 }, (_, seed) => run(nest, seed, seed % 8));
  assertSame(outer);
  assert.deepStrictEqual(
    await Promise.all(all),
    Array.from({ length: 100 }, (_, seed) => seed),
  );

  // Each green thread has a name of its own, and new resources name it as their trigger
  const ids = await Promise.all(
    Array.from({ length: 20 }, () =>
      run(() => {
        const id = executionAsyncId();
        suspend(0);
        assert.strictEqual(new AsyncResource('TEST').triggerAsyncId(), id);
        return id;
      }),
    ),
  );
  assert.strictEqual(new Set(ids).size, 20);

  // Exceptions and kills that leave scopes
  await run(() => {
    const before = identity();
    assert.throws(() => scopes.runInAsyncScope(() => (sleep(0), assert.fail('thrown'))), /thrown/);
    assertSame(before);
    const killed = spawn(() => scopes.runInAsyncScope(() => scopes.bind(() => sleep(Infinity))));
    sleep(0);
    killed.kill();
    assert.strictEqual(killed.join(), true);
    assertSame(before);
  });

  // Scopes of main around code that starts green threads
  const resource = new AsyncResource('OUTER');
  await resource.runInAsyncScope(() => run(nest, 3, 5));
  console.log('ok');
}
main();
