// Workers with a hub of each kind, which end in each way while green threads are parked on descriptors.
const assert = require('node:assert');
const { readdirSync, readlinkSync } = require('node:fs');
const { isMainThread, parentPort, Worker, workerData } = require('node:worker_threads');
const { run, sleep, spawn, wait } = require('verdant');
const { availableHubs, getHub, useHub } = require('verdant/hub');
const { connect, listen, socketPair } = require('verdant/net');
const { ThirdPartyHub } = require('../../support/third_party_hub.cjs');

const kinds = [...availableHubs(), 'third party'];
const use = (kind) => useHub(kind === 'third party' ? ThirdPartyHub : kind);

const openFiles = () =>
  readdirSync('/proc/self/fd')
    .map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).replace(/:\[\d+\]/, '');
      } catch {
        return '';
      }
    })
    .filter((target) => /^socket|eventpoll|pipe/.test(target))
    .sort();

/** Echo over TCP and over a pair, with a promise in between: all that a hub does. */
function work() {
  return run(() => {
    const listener = listen('127.0.0.1:0');
    const server = spawn(() => {
      const socket = listener.accept();
      for (let piece = socket.recv(); piece.length > 0; piece = socket.recv()) socket.sendAll(piece);
      socket.close();
    });
    const client = connect(listener.address);
    for (let round = 0; round < 50; round += 1) {
      client.sendAll(String(round));
      assert.strictEqual(String(client.recv()), String(round));
      wait(new Promise((resolve) => setImmediate(resolve)));
    }
    client.close();
    server.wait();
    listener.close();
    return getHub().name;
  });
}

const parkForEver = () => {
  const [left, right] = socketPair();
  globalThis.parked ??= [];
  globalThis.parked.push(left, right);
  globalThis.parked.push(
    spawn(() => left.recv()),
    spawn(() => right.sendAll(Buffer.alloc(1 << 20))),
    getHub().add('write', left.fd, () => undefined),
  );
};

/** How a Worker ends: what it does after its work, and what its creator does when it hears of that. */
const ends = {
  naturally: [() => undefined],
  'with sockets left open': [() => (globalThis.kept = socketPair())],
  'unrefed, while green threads are parked': [
    () => {
      parkForEver();
      getHub().unref();
    },
  ],
  'terminated while green threads are parked': [parkForEver, (worker) => worker.terminate()],
  'terminated while green threads are busy': [
    () => {
      parkForEver();
      spawn(() => {
        for (;;) sleep(0);
      });
      const [left, right] = socketPair();
      const play = (socket) => {
        for (;;) socket.send(socket.recv());
      };
      globalThis.players = [spawn(play, left), spawn(play, right), spawn(() => left.send('x'))];
    },
    (worker) => worker.terminate(),
  ],
  'by process.exit on a green thread': [
    () => {
      parkForEver();
      spawn(() => process.exit(0));
    },
  ],
  'after destroy': [
    () => {
      parkForEver();
      setImmediate(() => getHub().destroy());
    },
  ],
};

async function one(kind, end) {
  const worker = new Worker(__filename, { workerData: { kind, end } });
  const ended = new Promise((resolve) => worker.on('exit', resolve));
  let name;
  await new Promise((resolve, reject) => {
    worker.on('error', reject).on('message', (message) => {
      name = message;
      resolve();
    });
  });
  assert.strictEqual(name, kind);
  const [, onReady] = ends[end];
  if (onReady) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    void onReady(worker);
  }
  const code = await ended;
  assert.ok(code === (onReady ? 1 : 0), `${kind}, ${end}: exit code ${code}`);
}

async function main() {
  for (const kind of kinds) {
    use(kind);
    assert.strictEqual(await work(), kind);
    await Promise.all(kinds.map((other) => one(other, 'naturally')));
    const before = openFiles();
    for (const other of kinds) for (const end of Object.keys(ends)) await one(other, end);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepStrictEqual(openFiles(), before);
    assert.strictEqual(await work(), kind);
  }
  console.log('ok');
}

if (isMainThread) {
  main().catch((error) => {
    console.error(error);
    process.exit(1);
  });
} else {
  use(workerData.kind);
  void work().then((name) => {
    ends[workerData.end][0]();
    parentPort.postMessage(name);
  });
}
