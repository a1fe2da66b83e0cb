// Each Worker has sockets of its own; when it ends, however it ends, none of its descriptors is left.
const assert = require('node:assert');
const { once } = require('node:events');
const { readdirSync } = require('node:fs');
const { isMainThread, parentPort, Worker, workerData } = require('node:worker_threads');
const { run, spawn, wait } = require('verdant');
const { connect, DatagramSocket, listen, serve, socketPair } = require('verdant/net');

const openDescriptors = () => readdirSync('/proc/self/fd').length;

if (!isMainThread) {
  const listener = listen('127.0.0.1:0');
  spawn(() => serve(listener, (socket) => socket.sendAll(socket.recvLine().toUpperCase())));
  run(() => {
    const [left] = socketPair();
    globalThis.kept = [left, new DatagramSocket('127.0.0.1:0'), connect(listener.address)];
    const parked = spawn(() => left.recv());
    parentPort.postMessage(listener.address);
    parentPort.once('message', () => {
      if (workerData === 'exits') process.exit(0);
      if (workerData === 'throws') throw new Error('on purpose');
    });
    parked.wait();
  });
} else {
  run(() => {
    const visit = (how) => {
      const worker = new Worker(__filename, { workerData: how });
      worker.on('error', (error) => assert.strictEqual(error.message, 'on purpose'));
      const exited = once(worker, 'exit').catch(() => {});
      const gone = new Promise((resolve) => worker.on('exit', resolve));
      const [address] = wait(once(worker, 'message'));
      const socket = connect(address);
      socket.sendAll('hello\n');
      assert.strictEqual(String(socket.recvExactly(5)), 'HELLO');
      assert.strictEqual(socket.recv().length, 0);
      socket.close();
      const idle = connect(address);
      if (how === 'is terminated') void worker.terminate();
      else worker.postMessage('now');
      wait(gone);
      wait(exited);
      // What it had is closed: its clients see the end of it.
      try {
        assert.strictEqual(idle.recv().length, 0);
      } catch (error) {
        assert.strictEqual(error.code, 'ECONNRESET');
      }
      idle.close();
    };
    visit('exits'); // what the process opens once and keeps
    const before = openDescriptors();
    for (const how of ['exits', 'throws', 'is terminated', 'exits', 'throws', 'is terminated']) visit(how);
    assert.strictEqual(openDescriptors(), before);
  }).then(
    () => console.log('ok'),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
}
