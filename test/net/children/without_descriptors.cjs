// Starts itself again with a low limit of descriptors, uses them up, and lets clients come meanwhile.
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const { closeSync, openSync } = require('node:fs');
const { run, sleep, spawn } = require('verdant');
const { getHub } = require('verdant/hub');
const { connect, listen, serve } = require('verdant/net');

const [what, limited] = process.argv.slice(2);

if (limited === undefined) {
  const again = [process.execPath, __filename, what, 'limited'];
  const { status } = spawnSync('sh', ['-c', 'ulimit -n 80 && exec "$0" "$@"', ...again], { stdio: 'inherit' });
  process.exit(status ?? 1);
}

const listener = listen('127.0.0.1:0');
const held = [];

/** Takes every descriptor that is left. */
function exhaust() {
  for (;;) {
    try {
      held.push(openSync('/dev/null', 'r'));
    } catch (error) {
      assert.strictEqual(error.code, 'EMFILE');
      return;
    }
  }
}

function release() {
  for (const fd of held.splice(0)) closeSync(fd);
}

/** Clients that the kernel has connected; nobody has accepted them yet. */
function clients(count) {
  const sockets = Array.from({ length: count }, () => connect(listener.address));
  exhaust();
  return sockets;
}

function outcomeOf(work) {
  return spawn(() => {
    try {
      return work();
    } catch (error) {
      return error.code ?? error.message;
    }
  });
}

const cases = {
  'accepting pauses, and goes on when descriptors are there again': () => {
    const waiting = clients(3);
    const accepted = [];
    const server = spawn(() => {
      while (accepted.length < 3) accepted.push(listener.accept());
    });
    sleep(0);
    const { turns } = getHub().stats();
    const cpu = process.cpuUsage();
    sleep(400);
    assert.strictEqual(accepted.length, 0);
    assert.ok(!server.dead, 'it has died');
    assert.ok(getHub().stats().turns - turns < 40, 'it does not pause'); // after 10, 20, 40, 80, 160 ms
    const { user, system } = process.cpuUsage(cpu);
    assert.ok(user + system < 200_000, 'it spins');
    release();
    server.wait();
    for (const [index, socket] of accepted.entries()) {
      waiting[index].sendAll(`${index}\n`);
      assert.strictEqual(socket.recvLine(), `${index}`);
    }
    for (const socket of [...accepted, ...waiting]) socket.close();
  },
  'a timeout ends the pause': () => {
    const waiting = clients(1);
    assert.strictEqual(outcomeOf(() => listener.accept({ timeout: 25 })).wait(), 'ERR_VERDANT_TIMEOUT');
    assert.strictEqual(outcomeOf(() => listener.accept({ timeout: 0 })).wait(), 'ERR_VERDANT_TIMEOUT');
    release();
    listener.accept({ timeout: 1000 }).close(); // nothing was lost
    waiting[0].close();
  },
  'a signal ends the pause': () => {
    const waiting = clients(1);
    const controller = new AbortController();
    const server = outcomeOf(() => listener.accept({ signal: controller.signal }));
    sleep(0);
    controller.abort(new Error('enough'));
    assert.strictEqual(server.wait(), 'enough');
    waiting[0].close();
  },
  'closing the listener ends the pause': () => {
    const waiting = clients(1);
    const servers = [1, 2].map(() => outcomeOf(() => listener.accept({ multipleReaders: true })));
    sleep(0);
    listener.close();
    for (const server of servers) assert.strictEqual(server.wait(), 'ERR_VERDANT_CLOSED');
    waiting[0].close();
  },
  'serve survives it': () => {
    const waiting = clients(3);
    const server = spawn(() => serve(listener, (socket) => socket.sendAll(socket.recv())));
    for (const client of waiting) client.sendAll('echo');
    sleep(50);
    assert.ok(!server.dead);
    release();
    for (const client of waiting) {
      assert.strictEqual(String(client.recvExactly(4)), 'echo');
      client.close();
    }
    listener.close();
    server.wait();
  },
};

run(() => {
  cases[what]();
  release();
  listener.close();
  const { listeners, timers } = getHub().stats();
  assert.deepStrictEqual({ listeners, timers }, { listeners: 0, timers: 0 });
}).then(() => console.log('ok'));
