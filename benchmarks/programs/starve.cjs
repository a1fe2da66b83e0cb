// <hub> <alone | storm | ready> <seconds>: how long timers of 1 ms really take, in milliseconds, beside what keeps the
// hub busy: 1,000 green threads that do nothing but sleep(0), or one that waits for a descriptor that is always readable.
const { run, sleep, spawn } = require('verdant');
const { getHub, useHub, waitReadable } = require('verdant/hub');
const { socketPair } = require('verdant/net');

const [hub, kind] = process.argv.slice(2);
const end = performance.now() + Number(process.argv[4]) * 1000;
useHub(hub);

let rounds = 0;
const endless = {
  alone: () => undefined,
  storm() {
    for (let i = 0; i < 1000; i += 1) {
      spawn(() => {
        for (; ; rounds += 1) sleep(0);
      });
    }
  },
  ready() {
    const [reader, writer] = socketPair();
    writer.sendAll(Buffer.from('unread'));
    for (; ; rounds += 1) waitReadable(reader.fd);
  },
};

const timed = (samples, start) => {
  const now = performance.now();
  samples.push(now - start);
  return now;
};

function byCallback() {
  return new Promise((resolve) => {
    const samples = [];
    let start = performance.now();
    const fired = () => {
      start = timed(samples, start);
      if (start < end) setTimeout(fired, 1);
      else resolve(samples);
    };
    setTimeout(fired, 1);
  });
}

function byGreenThread() {
  const samples = [];
  for (let now = performance.now(); now < end;) {
    sleep(1);
    now = timed(samples, now);
  }
  return samples;
}

async function main() {
  spawn(endless[kind]);
  const [setTimeoutTook, sleepTook] = await Promise.all([byCallback(), run(byGreenThread)]);
  if (kind !== 'alone' && rounds < 1000) throw new Error(`what is to keep the hub busy did only ${rounds} rounds`);
  const { switchInterval } = getHub();
  console.log(JSON.stringify({ switchInterval, rounds, setTimeout: setTimeoutTook, sleep: sleepTook }));
  process.exit(); // what keeps the hub busy has no end
}
main();
