// The server of scripts/soak_http.mjs: answers of many kinds and sizes, and once in a while a line of JSON about itself. Its
// parent asks it to end by a line on standard input; then it closes its server, and says what is left.
//   node --expose-gc http_soak_server.cjs
const { readdirSync } = require('node:fs');
const { Channel, run, sleep, spawn } = require('verdant');
const { getHub } = require('verdant/hub');
const { listen } = require('verdant/net');
const { Response, serve } = require('verdant/http');

// The same bytes as in benchmarks/load/http_soak.cc.
const pattern = Buffer.alloc(1 << 20);
for (let index = 0; index < pattern.length; index += 1) pattern[index] = (index * 131 + (index >> 8) * 17 + 7) & 0xff;

const errors = new Map();
let requests = 0;

function* pieces(bytes) {
  for (let at = 0; at < bytes.length; at += 3000) yield bytes.subarray(at, at + 3000);
}

// A handler that blocks: another green thread must take its turn first.
const questions = new Channel();

function answer(request) {
  requests += 1;
  const [, kind, offset, size] = request.path.split('/');
  if (kind === 'nothing') return new Response(null, { status: 204 });
  if (kind === 'echo') return new Response(request.bytes());
  const bytes = pattern.subarray(Number(offset), Number(offset) + Number(size));
  if (kind === 'stream') return new Response(pieces(bytes));
  if (kind === 'wait') {
    const reply = new Channel();
    questions.put(reply);
    reply.get();
    if (requests % 8 === 0) sleep(1);
  }
  return new Response(bytes);
}

function say(what) {
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const { greenThreads, timers, suspended, stacks } = getHub().stats();
  const fds = readdirSync('/proc/self/fd').length;
  const line = { ...what, requests, rss, heapUsed, external, arrayBuffers, fds, greenThreads, timers, suspended };
  console.log(JSON.stringify({ ...line, stacks: stacks.inUse, errors: Object.fromEntries(errors) }));
}

void run(() => {
  const helper = spawn(() => {
    for (const reply of questions) reply.put(true);
  });
  const listener = listen('0.0.0.0:0', { backlog: 4096 });
  const server = serve(listener, answer, {
    onError(error) {
      const name = String(error?.code ?? error?.stack ?? error);
      errors.set(name, (errors.get(name) ?? 0) + 1);
    },
  });
  say({ port: listener.address.port });
  const report = setInterval(() => {
    globalThis.gc(); // so that the heap is what is alive
    say({ stats: server.stats() });
  }, 1000);
  process.stdin.once('data', () => {
    clearInterval(report);
    void run(() => {
      const outcome = server.close({ timeout: 5000 });
      questions.close();
      helper.join();
      process.stdin.destroy();
      sleep(50);
      globalThis.gc();
      say({ closed: outcome ?? null, stats: server.stats() });
    });
  });
});
