// A conversation in which one side is killed at its first switch, at its second, and so on (later in longer steps), until it gets through whole: at
// no point anything is left.
const assert = require('node:assert');
const { readdirSync } = require('node:fs');
const { run, sleep, spawn } = require('verdant');
const { getHub } = require('verdant/hub');
const { connect, listen } = require('verdant/net');

const openDescriptors = () => readdirSync('/proc/self/fd').length;

function talk(address) {
  const socket = connect(address);
  try {
    for (let line = 0; line < 5; line += 1) {
      socket.sendAll(`${line}\n`);
      assert.strictEqual(socket.recvLine(), `${line}`);
    }
    socket.sendAll(Buffer.alloc(500_000, 'x'));
    socket.sendAll('\n');
    assert.strictEqual(socket.recvExactly(500_001).length, 500_001);
    return true;
  } finally {
    socket.close();
  }
}

function echo(listener) {
  for (const socket of listener) {
    spawn(() => {
      try {
        for (;;) {
          const data = socket.recv();
          if (data.length === 0) return;
          socket.sendAll(data);
        }
      } catch (error) {
        assert.ok(['ECONNRESET', 'EPIPE'].includes(error.code), error);
      } finally {
        socket.close();
      }
    });
  }
}

// Only this green thread and the one that accepts are left.
function settle() {
  while (getHub().stats().greenThreads > 2) sleep(1);
}

run(() => {
  const listener = listen('127.0.0.1:0');
  const server = spawn(() => echo(listener));
  talk(listener.address);
  settle();
  const before = openDescriptors();
  for (let switches = 0, whole = false; !whole; switches += 1 + (switches >> 4)) {
    const client = spawn(() => talk(listener.address));
    for (let count = 0; count < switches && !client.dead; count += 1) sleep(0);
    client.kill();
    while (!client.dead) sleep(0);
    whole = client.state === 'done';
    assert.ok(switches < 1_000_000, 'it never gets through');
  }
  settle();
  assert.strictEqual(openDescriptors(), before);
  const { listeners, timers } = getHub().stats();
  assert.deepStrictEqual({ listeners, timers }, { listeners: 1, timers: 0 }); // the server accepts
  listener.close();
  server.wait();
}).then(
  () => console.log('ok'),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
