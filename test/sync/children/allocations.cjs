// Counts what a million uncontended operations of each primitive leave on the heap, with a young generation so large that
// nothing is collected meanwhile: whatever is allocated is seen, and the control at the end shows it.
const assert = require('node:assert');
const verdant = require('verdant');
const { Barrier, BoundedSemaphore, CappedSemaphore, Condition, Event, GreenLocal, Lock, RLock, run } = verdant;
const { Semaphore, WaitGroup } = verdant;

const operations = 1_000_000;

const semaphore = new Semaphore(1);
const bounded = new BoundedSemaphore(1);
const capped = new CappedSemaphore(0, 1);
const lock = new Lock();
const rlock = new RLock();
const condition = new Condition();
const event = new Event();
const barrier = new Barrier(1);
const group = new WaitGroup();
const local = new GreenLocal(() => 1);
const noWait = { blocking: false };
const withTimeout = { timeout: 1000 };

const cases = {
  'Semaphore.acquire, release': () => (semaphore.acquire(), semaphore.release()),
  'Semaphore.acquire({ blocking: false }), release': () => (semaphore.acquire(noWait), semaphore.release()),
  'Semaphore.acquire({ timeout }), release': () => (semaphore.acquire(withTimeout), semaphore.release()),
  'BoundedSemaphore.acquire, release': () => (bounded.acquire(), bounded.release()),
  'CappedSemaphore.release, acquire': () => (capped.release(), capped.acquire()),
  'Lock.acquire, release': () => (lock.acquire(), lock.release()),
  'RLock.acquire twice, release twice': () => {
    rlock.acquire();
    rlock.acquire();
    rlock.release();
    rlock.release();
  },
  'Condition.acquire, notify, notifyAll, release': () => {
    condition.acquire();
    condition.notify();
    condition.notifyAll();
    condition.release();
  },
  'Event.send, wait, poll, reset': () => {
    event.send(1);
    event.wait();
    event.poll();
    event.reset();
  },
  'Barrier.wait, alone': () => barrier.wait(),
  'WaitGroup.add, done, wait': () => {
    group.add();
    group.done();
    group.wait();
  },
  'GreenLocal.get, set': () => local.set(local.get()),
};

function repeat(operation, times) {
  for (let n = 0; n < times; n += 1) operation();
}

// Small compared with a million of even the smallest object, which would be 12 MB or more; compiled code and its feedback
// take some.
const least = 12;
const noise = 3_000_000;

run(() => {
  const control = () => ({});
  let kept;
  for (const [name, operation] of [
    ...Object.entries(cases),
    ['a control that allocates', () => void (kept = control())],
  ]) {
    repeat(operation, 100_000); // compiled by now
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    repeat(operation, operations);
    const allocated = process.memoryUsage().heapUsed - before;
    if (name.startsWith('a control')) assert.ok(allocated > operations * least, `the control: ${allocated} bytes`);
    else assert.ok(allocated < noise, `${name}: ${allocated} bytes in ${operations} operations`);
    if (process.env.VERDANT_TEST_VERBOSE) console.error(name, allocated);
  }
  assert.ok(kept);
}).then(() => console.log('ok'));
