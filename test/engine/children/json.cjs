// JSON.stringify and JSON.parse on several stacks at once, finishing in another order than they began in.
const assert = require('node:assert');
const { run, sleep, spawn, wait } = require('verdant');

async function main() {
  await run(() => {
    for (let round = 0; round < 20; round += 1) {
      const gates = Array.from({ length: 6 }, () => Promise.withResolvers?.() ?? defer());
      const threads = gates.map((gate, i) =>
        spawn(() => {
          const toJSON = () => (wait(gate.promise), { i });
          const text = JSON.stringify({ a: [{ toJSON }], b: 'x'.repeat(i * 1000) }, (key, value) => {
            if (key === 'b') sleep(0);
            return value;
          });
          return JSON.parse(text, (key, value) => {
            if (key === 'i') sleep(0);
            return value;
          });
        }),
      );
      sleep(0);
      assert.strictEqual(JSON.stringify({ main: round }), `{"main":${round}}`);
      const order = [0, 3, 5, 1, 4, 2].map((n) => (n + round) % 6);
      for (const n of order) {
        gates[n].resolve();
        assert.deepStrictEqual(threads[n].wait(), { a: [{ i: n }], b: 'x'.repeat(n * 1000) });
      }
    }
    // Stringifiers that end by an exception or a kill while others are at work
    const endless = Array.from({ length: 4 }, () => spawn(() => JSON.stringify({ toJSON: () => sleep(Infinity) })));
    sleep(0);
    endless[0].kill();
    endless[2].catch(() => undefined);
    endless[2].kill(new Error('out'));
    sleep(0);
    assert.strictEqual(JSON.stringify([endless[0].state, endless[2].state]), '["killed","killed"]');
    assert.throws(() => endless[2].wait(), /out/);
    endless[3].kill();
    endless[1].kill();
    sleep(0);
  });
  // More suspended at the end than ran to their end; and Node's own uses of JSON on main
  assert.strictEqual(JSON.stringify({ toJSON: () => 1 }), '1');
  console.log('ok');
}

function defer() {
  const deferred = {};
  deferred.promise = new Promise((resolve) => (deferred.resolve = resolve));
  return deferred;
}
main();
