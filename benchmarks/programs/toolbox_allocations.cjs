// <operations>: bytes that each operation leaves on the heap, with a young generation so large that nothing is collected
// between two forced collections. All that is allocated is counted, since all of it is still there; objects of known sizes
// come last and show that it is.
const verdant = require('verdant');

const operations = Number(process.argv[2]);
const portion = 100_000;

const semaphore = new verdant.Semaphore(1);
const bounded = new verdant.BoundedSemaphore(1);
const capped = new verdant.CappedSemaphore(0, 1);
const lock = new verdant.Lock();
const rlock = new verdant.RLock();
const condition = new verdant.Condition();
const event = new verdant.Event();
const barrier = new verdant.Barrier(1);
const group = new verdant.WaitGroup();
const local = new verdant.GreenLocal(() => 1);
const light = new verdant.LightQueue(1);
const queue = new verdant.Queue(1);
const lifo = new verdant.LifoQueue(1);
const priority = new verdant.PriorityQueue({ maxSize: 1 });
const channel = new verdant.Channel(1);
const resources = new verdant.Pool({ create: () => ({}), max: 1 });
const withTimeout = { timeout: 1000 };
let kept;

const cases = {
  'Semaphore acquire, release': () => (semaphore.acquire(), semaphore.release()),
  'Semaphore acquire({ timeout }), release': () => (semaphore.acquire(withTimeout), semaphore.release()),
  'Semaphore hold, dispose': () => semaphore.hold()[Symbol.dispose](),
  'BoundedSemaphore acquire, release': () => (bounded.acquire(), bounded.release()),
  'CappedSemaphore release, acquire': () => (capped.release(), capped.acquire()),
  'Lock acquire, release': () => (lock.acquire(), lock.release()),
  'RLock acquire, release': () => (rlock.acquire(), rlock.release()),
  'Condition acquire, notify, release': () => (condition.acquire(), condition.notify(), condition.release()),
  'Event send, wait, reset': () => (event.send(1), event.wait(), event.reset()),
  'Barrier(1) wait': () => barrier.wait(),
  'WaitGroup add, done, wait': () => (group.add(), group.done(), group.wait()),
  'GreenLocal get, set': () => local.set(local.get()),
  'LightQueue put, get': () => (light.put(1), light.get()),
  'LightQueue putNowait, getNowait': () => (light.putNowait(1), light.getNowait()),
  'Queue put, get, taskDone': () => (queue.put(1), queue.get(), queue.taskDone()),
  'LifoQueue put, get': () => (lifo.put(1), lifo.get()),
  'PriorityQueue put, get': () => (priority.put(1), priority.get()),
  'Channel(1) put, get': () => (channel.put(1), channel.get()),
  'Pool get, put': () => resources.put(resources.get()),
  'control: nothing': () => undefined,
  'control: an array of 10, 128 bytes': () => (kept = new Array(10)),
};

function repeat(operation, times) {
  for (let n = 0; n < times; n += 1) operation();
}

function bytesEach(operation) {
  repeat(operation, portion); // compiled by now
  let bytes = 0;
  for (let done = 0; done < operations; done += portion) {
    const times = Math.min(portion, operations - done);
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    repeat(operation, times);
    bytes += process.memoryUsage().heapUsed - before;
  }
  return Number((bytes / operations).toFixed(1));
}

verdant
  .run(() => Object.fromEntries(Object.entries(cases).map(([name, operation]) => [name, bytesEach(operation)])))
  .then((bytes) => {
    if (kept === undefined) throw new Error('the control was optimised away');
    console.log(JSON.stringify(bytes));
  });
