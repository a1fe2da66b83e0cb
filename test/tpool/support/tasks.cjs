// Functions for worker threads, found by the module's name.
'use strict';
const { threadId } = require('node:worker_threads');

class CodedError extends Error {
  constructor(message) {
    super(message);
    this.name = 'CodedError';
    this.code = 'ERR_CODED';
    this.details = { row: 3 };
  }
}

let calls = 0;

exports.add = (a, b) => a + b;
exports.whichThread = () => threadId;
exports.countCalls = () => (calls += 1);
exports.fail = (message) => {
  throw new CodedError(message);
};
exports.nested = { twice: async (n) => 2 * n };
exports.constant = 7;
exports.Counter = class Counter {
  constructor(start) {
    if (start < 0) throw new RangeError('start');
    this.value = start;
  }
  add(n) {
    this.value += n;
    return this;
  }
  get() {
    return this.value;
  }
  slowly(ms) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    this.value += 1;
    return this.value;
  }
  die() {
    process.exit(5);
  }
};
