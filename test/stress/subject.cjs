// A subject is what one green thread under stress knows about itself, to be compared after every suspension. It never
// refers to its green thread: an unreachable one must stay unreachable.
const { AsyncLocalStorage, executionAsyncId } = require('node:async_hooks');
const { getCurrent } = require('verdant');
const { check, fail } = require('./fail.cjs');
const { Random } = require('./random.cjs');

const storage = new AsyncLocalStorage();

/** What the run has seen so far. */
const counts = { started: 0, ended: 0, suspensions: 0, kills: 0, timeouts: 0, orphans: 0, unwound: 0, links: 0 };

/** The end of the run's time: nobody begins anything new after it. */
const clock = { end: Infinity };
const timeIsUp = () => performance.now() > clock.end;

class Subject {
  constructor(seed, name, { victim = false, budget } = {}) {
    this.random = new Random(seed);
    this.name = name;
    this.victim = victim;
    this.reason = undefined; // what it will be killed with
    this.killed = false;
    this.store = undefined;
    this.asyncId = 0;
    this.threadId = 0;
    this.open = 0; // try blocks entered and not left
    this.budget = budget ?? this.random.int(4, 24); // suspensions left
    this.path = []; // frames it is inside of, for the report
  }

  /** At the start of its green thread. */
  begin(store) {
    counts.started += 1;
    this.store = store;
    this.asyncId = executionAsyncId();
    this.threadId = getCurrent().id;
    check(this.asyncId > 0, `${this.name} has no async id`);
    this.verify('start');
  }

  /** Everything that must be true whenever it runs. */
  verify(where) {
    if (getCurrent()?.id !== this.threadId) this.wrong(where, 'getCurrent()', getCurrent()?.id, this.threadId);
    const store = storage.getStore();
    if (store !== this.store) this.wrong(where, 'store', show(store), show(this.store));
    const asyncId = executionAsyncId();
    if (asyncId !== this.asyncId) this.wrong(where, 'executionAsyncId', asyncId, this.asyncId);
  }

  wrong(where, what, found, expected) {
    fail(`${this.name}, ${where}, in ${this.path.join(' > ')}: ${what} is ${found}, not ${expected}`);
  }

  check(condition, what) {
    if (!condition) fail(`${this.name}, in ${this.path.join(' > ')}: ${what}`);
  }

  /** Calls `work` inside a frame of that name; its end is noted whatever happens. */
  inside(frame, work) {
    this.path.push(frame);
    this.open += 1;
    const depth = this.open;
    try {
      return work();
    } finally {
      this.check(this.open === depth, `frames are left out of order: ${this.open} open, not ${depth}`);
      this.open -= 1;
      this.path.pop();
    }
  }

  /** Calls `work` inside another async context: another `store`, another `asyncId`. */
  inContext(context, work) {
    const outer = { store: this.store, asyncId: this.asyncId };
    Object.assign(this, context);
    try {
      return work();
    } finally {
      Object.assign(this, outer);
    }
  }
}

const show = (store) => JSON.stringify(store) ?? 'undefined';

module.exports = { clock, counts, storage, Subject, timeIsUp };
