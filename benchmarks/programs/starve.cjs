// <hub> <alone | storm | ready> <seconds>: how long timers of 1 ms really take, in milliseconds, beside what keeps the
// hub busy: 1,000 green threads that do nothing but sleep(0), or one that waits for a descriptor that is always readable.
const { createHistogram } = require('node:perf_hooks');
const { run, sleep, spawn } = require('verdant');
const { useHub, waitReadable } = require('verdant/hub');
const { socketPair } = require('verdant/net');

const [hub, kind] = process.argv.slice(2);
const end = performance.now() + Number(process.argv[4]) * 1000;
useHub(hub);

let rounds = 0;
// Not before the hub has really been kept busy, however slow the machine is today.
const over = (now) => now >= end && (kind === 'alone' || rounds >= 100);
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

// High dynamic range: microseconds, to three digits.
const histograms = { setTimeout: createHistogram({ figures: 3 }), sleep: createHistogram({ figures: 3 }) };

const timed = (histogram, start) => {
  const now = performance.now();
  histogram.record(Math.max(1, Math.round((now - start) * 1000)));
  return now;
};

function byCallback() {
  return new Promise((resolve) => {
    let start = performance.now();
    const fired = () => {
      start = timed(histograms.setTimeout, start);
      if (over(start)) resolve();
      else setTimeout(fired, 1);
    };
    setTimeout(fired, 1);
  });
}

function byGreenThread() {
  for (let now = performance.now(); !over(now);) {
    sleep(1);
    now = timed(histograms.sleep, now);
  }
}

async function main() {
  spawn(endless[kind]);
  await Promise.all([byCallback(), run(byGreenThread)]);
  const figures = {};
  for (const [timer, histogram] of Object.entries(histograms)) {
    for (const share of [50, 99, 100]) figures[`${kind} ${timer} p${share}`] = histogram.percentile(share) / 1000;
  }
  console.log(JSON.stringify(figures));
  process.exit(); // what keeps the hub busy has no end
}
main();
