// <samples> <milliseconds>, with VERDANT_HUB: what a hub does for green threads, in CPU time.
const { run, sleep, spawn, joinAll } = require('verdant');
const { getHub } = require('verdant/hub');
const { socketPair } = require('verdant/net');
const measure = require('./measure.cjs');

const sleepers = 1000;

/** Two green threads with a socket between them: each byte is one wake-up by the kernel. */
function pingPong(n) {
  return run(() => {
    const [left, right] = socketPair();
    const byte = Buffer.from('x');
    const echo = spawn(() => {
      for (let i = 0; i < n; i += 2) right.sendAll(right.recv());
    });
    for (let i = 0; i < n; i += 2) {
      left.sendAll(byte);
      left.recv();
    }
    echo.join();
    left.close();
    right.close();
  });
}

const cases = {
  switch: (n) =>
    run(() => {
      const work = () => {
        for (let i = 0; i < n; i += 2) sleep(0);
      };
      const other = spawn(work);
      work();
      other.join();
    }),
  timer: (n) =>
    run(() => {
      const each = Math.ceil(n / sleepers);
      const work = () => {
        for (let i = 0; i < each; i += 1) sleep(1);
      };
      joinAll(Array.from({ length: Math.min(n, sleepers) }, () => spawn(work)));
    }),
  socket: pingPong,
  turn: async (n) => {
    for (let i = 0; i < n; i += 1) await run(() => undefined);
  },
};

measure(cases, ...process.argv.slice(2).map(Number)).then((samples) => {
  if (getHub().name !== undefined && process.env.VERDANT_HUB && getHub().name !== process.env.VERDANT_HUB) {
    throw new Error(`the hub is ${getHub().name}`);
  }
  console.log(JSON.stringify(samples));
});
