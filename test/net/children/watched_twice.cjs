// A descriptor that waitReadable() watched first, and that its socket waits for as well: both must hear of it.
const assert = require('node:assert');
const { run, sleep, spawn } = require('verdant');
const { waitReadable, waitWritable } = require('verdant/hub');
const { socketPair } = require('verdant/net');

run(() => {
  const [left, right] = socketPair();
  const size = 1_000_000;
  const stranger = spawn(() => waitReadable(left.fd, { timeout: 10_000 }));
  const sender = spawn(() => left.sendAll(Buffer.alloc(size), { timeout: 10_000 }));
  sleep(0);
  right.sendAll('x');
  stranger.wait();
  assert.strictEqual(right.recvExactly(size, { timeout: 10_000 }).length, size);
  sender.wait();
  assert.strictEqual(String(left.recv()), 'x');
  // It goes on being watched for the socket, however often strangers come and go.
  for (let round = 0; round < 3; round += 1) {
    const reader = spawn(() => String(left.recv(10, { timeout: 10_000 })));
    waitWritable(left.fd);
    sleep(0);
    right.sendAll(`round ${round}`);
    assert.strictEqual(reader.wait(), `round ${round}`);
  }
  left.close();
  right.close();
}).then(() => console.log('ok'));
