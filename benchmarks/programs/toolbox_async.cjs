// <folder of packages> <async | package> <scale> <milliseconds> <title>...: the same with async functions, with nothing but
// promises or with a package that is well known; nanoseconds of CPU time per operation.
const { createRequire } = require('node:module');
const { join, resolve } = require('node:path');
const { pathToFileURL } = require('node:url');
const { checkSum, cpuNanosecondsSince, leavesOf, main, scaled, sizes } = require('./toolbox_time.cjs');

const [folder, who] = process.argv.slice(2);
const required = createRequire(resolve(folder, 'any.cjs'));
const imported = async (path) => (await import(pathToFileURL(join(folder, path)))).default;

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Promises only where somebody has to wait: as lean as it gets. */
class AsyncQueue {
  items = [];
  getters = [];
  putters = [];

  constructor(maxSize) {
    this.maxSize = maxSize;
  }

  put(item) {
    if (this.getters.length > 0) return void this.getters.shift()(item);
    if (this.items.length < this.maxSize) return void this.items.push(item);
    return new Promise((resolve) => this.putters.push({ item, resolve }));
  }

  get() {
    if (this.putters.length > 0) {
      const { item, resolve } = this.putters.shift();
      resolve();
      if (this.maxSize === 0) return item;
      this.items.push(item);
    }
    if (this.items.length > 0) return this.items.shift();
    return new Promise((resolve) => this.getters.push(resolve));
  }
}

/** The usual bounded queue out of two semaphores. */
class MutexQueue {
  items = [];

  constructor(Semaphore, maxSize) {
    this.filled = new Semaphore(0);
    this.room = new Semaphore(maxSize);
  }

  async put(item) {
    await this.room.acquire();
    this.items.push(item);
    this.filled.release();
  }

  async get() {
    await this.filled.acquire();
    const item = this.items.shift();
    this.room.release();
    return item;
  }
}

class AsyncSemaphore {
  first = null; // a list: an array of 100,000 waiters would be moved for each that leaves
  last = null;

  constructor(value) {
    this.value = value;
  }

  acquire() {
    if (this.value === 0) return new Promise((resolve) => this.wait({ resolve, next: null }));
    this.value -= 1;
  }

  release() {
    const { first } = this;
    if (first === null) {
      this.value += 1;
      return;
    }
    this.first = first.next;
    first.resolve();
  }

  wait(waiter) {
    if (this.first === null) this.first = waiter;
    else this.last.next = waiter;
    this.last = waiter;
  }
}

const handOff = (makeQueue) => async (part) => {
  const items = scaled(sizes.items, part);
  const queue = makeQueue();
  const produce = async () => {
    for (let n = 0; n < items; n += 1) await queue.put(n);
  };
  const consume = async () => {
    for (let n = 0; n < items; n += 1) if ((await queue.get()) !== n) throw new Error('out of order');
  };
  const start = process.cpuUsage();
  await Promise.all([produce(), consume()]);
  return { elapsed: cpuNanosecondsSince(start), operations: items };
};

const semaphore = (Semaphore) => async (part) => {
  const turns = scaled(sizes.turns, part);
  const slot = new Semaphore(0);
  const party = async () => {
    for (let n = 0; n < turns; n += 1) {
      await slot.acquire();
      slot.release();
      await null;
    }
  };
  const parties = Array.from({ length: sizes.parties }, party);
  await turn();
  const start = process.cpuUsage();
  slot.release();
  await Promise.all(parties);
  return { elapsed: cpuNanosecondsSince(start), operations: sizes.parties * turns };
};

/** A limiter has no acquire and release: the slot is held while a function runs. */
const limited = (limiter) => async (part) => {
  const turns = scaled(sizes.turns, part);
  const limit = limiter(1);
  const nothing = async () => undefined;
  const party = async () => {
    for (let n = 0; n < turns; n += 1) await limit(nothing);
  };
  const start = process.cpuUsage();
  await Promise.all(Array.from({ length: sizes.parties }, party));
  return { elapsed: cpuNanosecondsSince(start), operations: sizes.parties * turns };
};

async function broadcast(part) {
  const broadcasts = scaled(sizes.broadcasts, part);
  const events = Array.from({ length: broadcasts + 1 }, () => {
    let send;
    const promise = new Promise((resolve) => (send = resolve));
    return { promise, send };
  });
  const all = new AsyncSemaphore(0);
  let seen = 0;
  const waiter = async () => {
    for (const event of events) {
      await event.promise;
      seen += 1;
      if (seen % sizes.waiters === 0) all.release();
    }
  };
  const waiters = Array.from({ length: sizes.waiters }, waiter);
  await turn();
  const start = process.cpuUsage();
  for (let n = 0; n < broadcasts; n += 1) {
    events[n].send();
    await all.acquire();
  }
  const elapsed = cpuNanosecondsSince(start);
  events[broadcasts].send(); // they end
  await Promise.all(waiters);
  return { elapsed, operations: sizes.waiters * broadcasts };
}

function plainLimit(places) {
  const free = new AsyncSemaphore(places);
  return async (job) => {
    await free.acquire();
    try {
      return await job();
    } finally {
      free.release();
    }
  };
}

const pool = (limiter) => async (part) => {
  const jobs = scaled(sizes.jobs, part);
  let done = 0;
  const job = async () => {
    await null;
    done += 1;
  };
  const start = process.cpuUsage();
  const limit = limiter(sizes.places);
  const all = [];
  for (let n = 0; n < jobs; n += 1) all.push(limit(job));
  await Promise.all(all);
  if (done !== jobs) throw new Error(`${done} jobs done`);
  return { elapsed: cpuNanosecondsSince(start), operations: jobs };
};

async function grow(number, size) {
  if (size === 1) return number;
  const children = [];
  for (let n = 0; n < 10; n += 1) children.push(grow(number + (n * size) / 10, size / 10));
  let sum = 0;
  for (const part of await Promise.all(children)) sum += part;
  return sum;
}

const skynet = (leaves) => async (part) => {
  const generations = scaled(sizes.leaves / leaves, part);
  const start = process.cpuUsage();
  let sum = 0;
  for (let n = 0; n < generations; n += 1) sum += await grow(n * leaves, leaves);
  checkSum(sum, generations * leaves);
  return { elapsed: cpuNanosecondsSince(start), operations: generations * leaves };
};

const peers = {
  async: () => ({
    'queue of 1': handOff(() => new AsyncQueue(1)),
    'queue of 0': handOff(() => new AsyncQueue(0)),
    semaphore: semaphore(AsyncSemaphore),
    broadcast,
    pool: pool(plainLimit),
    skynet,
  }),
  'async-mutex'() {
    const { Semaphore } = required('async-mutex');
    return { 'queue of 1': handOff(() => new MutexQueue(Semaphore, 1)), semaphore: semaphore(Semaphore) };
  },
  async 'p-queue'() {
    const PQueue = await imported('p-queue/dist/index.js');
    const limiter = (concurrency) => {
      const queue = new PQueue({ concurrency });
      return (job) => queue.add(job);
    };
    return { semaphore: limited(limiter), pool: pool(limiter) };
  },
  async 'p-limit'() {
    const limiter = await imported('p-limit/index.js');
    return { semaphore: limited(limiter), pool: pool(limiter) };
  },
};

Promise.resolve(peers[who]()).then((benchmarks) => {
  const find = (title) => (leavesOf(title) ? benchmarks.skynet?.(leavesOf(title)) : benchmarks[title]);
  return main(find, process.argv.slice(4));
});
