// Suspending inside a callback that Node's C++ makes on the green thread's own stack, while a callback scope is open: the
// process's ticks and microtasks must still run, and their order stays.
const assert = require('node:assert');
const { executionAsyncId } = require('node:async_hooks');
const { Duplex } = require('node:stream');
const http = require('node:http');
const zlib = require('node:zlib');
const { run, sleep, spawn, wait } = require('verdant');

/** One end of a pair: what is written to it, the other reads, at once and on the writer's stack. */
function pair() {
  const ends = [];
  for (const other of [1, 0]) {
    ends.push(
      new Duplex({
        read() {},
        write(chunk, encoding, done) {
          ends[other].push(chunk);
          done();
        },
        final(done) {
          ends[other].push(null);
          done();
        },
      }),
    );
  }
  return ends;
}

function request(server, path) {
  const [client, accepted] = pair();
  server.emit('connection', accepted);
  let answer = '';
  client.on('data', (chunk) => (answer += chunk));
  // Parsed on this green thread's stack: the handler below runs inside the parser's callback
  accepted.emit('data', Buffer.from(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`));
  wait(new Promise((resolve) => client.on('end', resolve)));
  return answer;
}

let open;
const gate = new Promise((resolve) => (open = resolve));

async function main() {
  const server = http.createServer((message, response) => {
    const id = executionAsyncId();
    sleep(0);
    assert.strictEqual(executionAsyncId(), id);
    let ticks = 0;
    process.nextTick(() => (ticks += 1));
    wait(new Promise((resolve) => setImmediate(resolve)));
    assert.strictEqual(ticks, 1, 'ticks run while a callback of Node is suspended');
    if (message.url === '/held') wait(gate);
    response.end(`answer to ${message.url}`);
  });
  await run(() => {
    const threads = Array.from({ length: 20 }, (_, i) => spawn(() => request(server, `/${i}`)));
    threads.forEach((thread, i) => assert.match(thread.wait(), new RegExp(`answer to /${i}(\\D|$)`)));
  });

  // Ticks and microtasks that main queues while such callbacks are suspended
  const order = [];
  const held = spawn(() => request(server, '/held'));
  for (let i = 0; i < 5; i += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    process.nextTick(() => order.push('tick'));
    Promise.resolve().then(() => order.push('microtask'));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepStrictEqual(order.splice(0).sort(), ['microtask', 'tick']);
  }
  open();
  assert.match(await held, /answer to \/held/);

  // A synchronous stream of zlib calls back by C++ as well
  await run(() => {
    const text = 'x'.repeat(100_000);
    const back = zlib.gunzipSync(zlib.gzipSync(text)).toString();
    sleep(0);
    assert.strictEqual(back, text);
  });
  console.log('ok');
}
main();
