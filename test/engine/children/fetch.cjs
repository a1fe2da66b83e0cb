// fetch (its parser is WebAssembly) with thousands of green threads suspended, on them and beside them.
const assert = require('node:assert');
const { createServer } = require('node:http');
const { run, sleep, spawn, wait } = require('verdant');

async function main() {
  const body = 'x'.repeat(2000);
  const server = createServer((request, response) => response.end(body));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  const parked = Array.from({ length: 3000 }, () => spawn(() => sleep(Infinity)));
  await run(() => {
    const fetchers = Array.from({ length: 50 }, () =>
      spawn(() => {
        for (let i = 0; i < 8; i += 1) assert.strictEqual(wait(wait(fetch(url)).text()), body);
      }),
    );
    for (const fetcher of fetchers) fetcher.wait();
  });
  for (let i = 0; i < 50; i += 1) assert.strictEqual(await (await fetch(url)).text(), body);
  for (const thread of parked) thread.kill();
  await Promise.allSettled(parked);
  server.close();
  server.closeAllConnections();
  console.log('ok');
}
main();
