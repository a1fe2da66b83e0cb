// Sockets that nobody refers to any more are closed by the garbage collector, also those that have been waited on.
const assert = require('node:assert');
const { readdirSync } = require('node:fs');
const { setImmediate: turn } = require('node:timers/promises');
const { run, spawn, sleep } = require('verdant');
const { getHub } = require('verdant/hub');
const { connect, DatagramSocket, listen, socketPair } = require('verdant/net');

const openDescriptors = () => readdirSync('/proc/self/fd').length;

function forget(count) {
  return run(() => {
    const listener = listen('127.0.0.1:0');
    for (let made = 0; made < count; made += 1) {
      const [left, right] = socketPair();
      const reader = spawn(() => left.recv());
      const client = connect(listener.address);
      listener.accept();
      new DatagramSocket('127.0.0.1:0');
      sleep(0);
      right.sendAll('x');
      client.sendAll('x');
      reader.wait();
    }
  });
}

async function main() {
  await forget(1); // what is opened once and kept
  const all = async (expected) => {
    for (let rounds = 0; openDescriptors() > expected; rounds += 1) {
      assert.ok(rounds < 1000, `${openDescriptors()} descriptors, ${expected} expected`);
      globalThis.gc();
      await turn();
    }
  };
  const few = openDescriptors();
  await all(few - 6);
  const before = openDescriptors();
  await forget(100);
  assert.ok(openDescriptors() >= before + 300, 'they were closed too early to test anything');
  await all(before);
  assert.strictEqual(getHub().stats().listeners, 0);

  // One that is waited on is not forgotten.
  const { reader, left } = await run(() => {
    const [one, other] = socketPair();
    return { reader: spawn(() => String(one.recv())), left: other };
  });
  for (let rounds = 0; rounds < 10; rounds += 1) {
    globalThis.gc();
    await turn();
  }
  await run(() => left.sendAll('still there'));
  assert.strictEqual(await reader, 'still there');
  console.log('ok');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
