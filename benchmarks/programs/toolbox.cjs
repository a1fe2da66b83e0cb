// <scale> <milliseconds> <title>...: the primitives and pools of verdant at work; nanoseconds of CPU time per operation.
const { Channel, Event, GreenPool, Queue, run, Semaphore, sleep, spawn, joinAll } = require('verdant');
const { checkSum, cpuNanosecondsSince, leavesOf, main, scaled, sizes } = require('./toolbox_time.cjs');

/** The work on a green thread; what counts is the time from `start` to `stop` or, without one, to its end. */
async function timed(work, operations) {
  let elapsed = 0;
  await run(() => {
    let started;
    const stop = () => (elapsed ||= cpuNanosecondsSince(started));
    work(() => (started = process.cpuUsage()), stop);
    stop();
  });
  return { elapsed, operations };
}

const handOff = (maxSize) => (scale) => {
  const items = scaled(sizes.items, scale);
  return timed((start) => {
    const queue = new Queue(maxSize);
    const producer = spawn(() => {
      for (let n = 0; n < items; n += 1) queue.put(n);
    });
    const consumer = spawn(() => {
      for (let n = 0; n < items; n += 1) if (queue.get() !== n) throw new Error('out of order');
    });
    start();
    joinAll([producer, consumer]);
  }, items);
};

function semaphore(scale) {
  const turns = scaled(sizes.turns, scale);
  return timed((start) => {
    const slot = new Semaphore(0);
    const parties = Array.from({ length: sizes.parties }, () =>
      spawn(() => {
        for (let n = 0; n < turns; n += 1) {
          slot.acquire();
          slot.release();
          sleep(0);
        }
      }),
    );
    sleep(0); // all are waiting
    start();
    slot.release();
    joinAll(parties);
  }, sizes.parties * turns);
}

function broadcast(scale) {
  const broadcasts = scaled(sizes.broadcasts, scale);
  const events = Array.from({ length: broadcasts + 1 }, () => new Event());
  return timed((start, stop) => {
    const all = new Semaphore(0);
    let seen = 0;
    const waiters = Array.from({ length: sizes.waiters }, () =>
      spawn(() => {
        for (const event of events) {
          event.wait();
          seen += 1;
          if (seen % sizes.waiters === 0) all.release();
        }
      }),
    );
    sleep(0); // all are waiting
    start();
    for (let n = 0; n < broadcasts; n += 1) {
      events[n].send();
      all.acquire();
    }
    stop();
    events[broadcasts].send(); // they end
    joinAll(waiters);
  }, sizes.waiters * broadcasts);
}

function pool(scale) {
  const jobs = scaled(sizes.jobs, scale);
  return timed((start) => {
    let done = 0;
    const job = () => {
      sleep(0);
      done += 1;
    };
    start();
    const green = new GreenPool(sizes.places);
    for (let n = 0; n < jobs; n += 1) green.spawn(job);
    green.waitAll();
    if (done !== jobs) throw new Error(`${done} jobs done`);
  }, jobs);
}

function grow(parent, number, size) {
  if (size === 1) {
    parent.put(number);
    return;
  }
  const children = new Channel(10);
  for (let n = 0; n < 10; n += 1) spawn(grow, children, number + (n * size) / 10, size / 10);
  let sum = 0;
  for (let n = 0; n < 10; n += 1) sum += children.get();
  parent.put(sum);
}

const skynet = (leaves) => (scale) => {
  const generations = scaled(sizes.leaves / leaves, scale);
  return timed((start) => {
    start();
    const top = new Channel(1);
    let sum = 0;
    for (let n = 0; n < generations; n += 1) {
      spawn(grow, top, n * leaves, leaves);
      sum += top.get();
    }
    checkSum(sum, generations * leaves);
  }, generations * leaves);
};

const benchmarks = { 'queue of 1': handOff(1), 'queue of 0': handOff(0), semaphore, broadcast, pool };

main((title) => benchmarks[title] ?? skynet(leavesOf(title)), process.argv.slice(2));
