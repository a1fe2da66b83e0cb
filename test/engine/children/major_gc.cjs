// Major collections while a green thread runs: on demand, by allocation, with others suspended and with none.
const assert = require('node:assert');
const { PerformanceObserver, constants } = require('node:perf_hooks');
const { run, sleep, spawn, wait } = require('verdant');

let majors = 0;
const observer = new PerformanceObserver((list) => {
  for (const { detail } of list.getEntries()) {
    if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) majors += 1;
  }
});

function collectDeep(depth) {
  const marker = { depth };
  if (depth > 0) collectDeep(depth - 1);
  else for (let i = 0; i < 3; i += 1) globalThis.gc();
  assert.strictEqual(marker.depth, depth);
}

function allocate(megabytes) {
  const window = [];
  for (let i = 0; i < megabytes; i += 1) {
    window[i % 20] = Array.from({ length: 16_384 }, (_, n) => [n]);
    if (i % 8 === 0) sleep(0);
    assert.strictEqual(window[i % 20][9][0], 9);
  }
}

async function main() {
  observer.observe({ entryTypes: ['gc'] });
  await run(() => collectDeep(50));
  await run(() => {
    const threads = Array.from({ length: 50 }, (_, i) =>
      spawn(() => {
        const mine = { text: `thread ${i}` };
        sleep(0);
        if (i % 10 === 0) collectDeep(i);
        sleep(0);
        return mine.text;
      }),
    );
    threads.forEach((thread, i) => assert.strictEqual(thread.wait(), `thread ${i}`));
  });
  globalThis.gc();
  await run(() => wait(new Promise((resolve) => setImmediate(resolve))));
  const onDemand = majors;
  assert.ok(onDemand > 0);
  const megabytes = Number(process.argv[2] ?? 120);
  await Promise.all([run(allocate, megabytes), run(allocate, megabytes)]);
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.ok(majors > onDemand, 'allocation brought about a major collection');
  observer.disconnect();
  console.log('ok');
}
main();
