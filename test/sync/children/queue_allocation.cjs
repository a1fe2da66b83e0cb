// A million uncontended operations of each kind, in a heap so large that nothing is collected meanwhile: what they allocate
// is what the heap has grown by.
const assert = require('node:assert');
const { Channel, LifoQueue, LightQueue, PriorityQueue, Queue, run } = require('verdant');

const operations = 1_000_000;

function bytesPerOperation(operate) {
  operate(operations / 10); // until it is compiled, and the rings have grown
  operate(operations / 10);
  const before = process.memoryUsage().heapUsed;
  operate(operations);
  return (process.memoryUsage().heapUsed - before) / operations;
}

const roundTrips = {
  blocking: (queue) => (times) => {
    for (let n = 0; n < times; n += 2) {
      queue.put(n & 1023);
      queue.get();
    }
  },
  nowait: (queue) => (times) => {
    for (let n = 0; n < times; n += 2) {
      queue.putNowait(n & 1023);
      queue.getNowait();
    }
  },
};

const queues = {
  LightQueue: () => new LightQueue(),
  'LightQueue(100)': () => new LightQueue(100),
  Queue: () => new Queue(),
  LifoQueue: () => new LifoQueue(),
  PriorityQueue: () => new PriorityQueue(),
  Channel: () => new Channel(),
};

run(() => {
  for (const [name, make] of Object.entries(queues)) {
    for (const [how, operate] of Object.entries(roundTrips)) {
      const queue = make();
      // Some are always in, so that heaps and rings have something to do.
      for (let n = 0; n < 50; n += 1) queue.putNowait(n);
      const bytes = bytesPerOperation(operate(queue));
      if (process.env.VERDANT_SHOW) console.error(`${name} ${how}: ${bytes.toFixed(3)} bytes an operation`);
      // An object of any kind is at least 12 bytes; V8's own books (feedback, code) are a part of one for each of a million.
      assert(bytes < 2, `${name}, ${how}: ${bytes} bytes an operation`);
    }
  }
}).then(() => console.log('ok'));
