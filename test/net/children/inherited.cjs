// Gives a descriptor to a child process as its number 3, and talks to what the child makes of it.
const assert = require('node:assert');
const { spawn: spawnProcess } = require('node:child_process');
const { run, wait } = require('verdant');
const { connect, DatagramSocket, listen, socketPair } = require('verdant/net');

const [what, inside] = process.argv.slice(2);

function child(fd) {
  const stdio = ['ignore', 'inherit', 'inherit', fd];
  const started = spawnProcess(process.execPath, [__filename, what, 'inside'], { stdio });
  return new Promise((resolve) => started.on('close', resolve));
}

const cases = {
  'a listener': [
    () => {
      const listener = listen('127.0.0.1:0');
      const ended = child(listener.fd);
      const socket = connect(listener.address, { timeout: 20_000 });
      assert.strictEqual(socket.recvLine(), `${listener.address.port}`);
      assert.strictEqual(wait(ended), 0);
      listener.close();
      socket.close();
    },
    () => {
      const listener = listen({ fd: 3 });
      const socket = listener.accept();
      socket.sendAll(`${listener.address.port}\n`);
      socket.close();
      listener.close();
    },
  ],
  'a socket': [
    () => {
      const [ours, theirs] = socketPair();
      const ended = child(theirs.fd);
      theirs.close();
      ours.sendAll('hello\n');
      assert.strictEqual(ours.recvLine(), 'HELLO');
      assert.strictEqual(ours.recvLine(), null);
      assert.strictEqual(wait(ended), 0);
      ours.close();
    },
    () => {
      const socket = connect({ fd: 3 });
      assert.strictEqual(socket.fd, 3);
      socket.sendAll(`${socket.recvLine().toUpperCase()}\n`);
      socket.close();
    },
  ],
  'a datagram socket': [
    () => {
      const theirs = new DatagramSocket('127.0.0.1:0');
      const ended = child(theirs.fd);
      const ours = new DatagramSocket('127.0.0.1:0');
      ours.sendTo('hello', theirs.address);
      assert.strictEqual(String(ours.recv({ timeout: 20_000 })), 'HELLO');
      assert.strictEqual(wait(ended), 0);
      ours.close();
      theirs.close();
    },
    () => {
      const socket = new DatagramSocket({ fd: 3 });
      const { data, address } = socket.recvFrom();
      socket.sendTo(String(data).toUpperCase(), address);
      socket.close();
    },
  ],
  'a listener as a datagram socket': [
    () => {
      const listener = listen('127.0.0.1:0');
      assert.strictEqual(wait(child(listener.fd)), 0);
      listener.close();
    },
    // It must be refused, and left alone.
    () => {
      assert.throws(() => new DatagramSocket({ fd: 3 }), { code: 'ERR_INVALID_ARG_TYPE' });
      require('node:fs').closeSync(3);
    },
  ],
};

run(cases[what][inside === undefined ? 0 : 1]).then(() => {
  if (inside === undefined) console.log('ok');
});
