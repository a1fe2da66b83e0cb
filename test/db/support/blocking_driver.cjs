// A blocking driver as there are for embedded databases: every call holds up its thread until it is done. A "database" is a
// file of numbers; a transaction holds what was written until it is committed.
'use strict';
const { appendFileSync, existsSync, readFileSync } = require('node:fs');

exports.open = function open(file, { refuse = false } = {}) {
  if (refuse) throw Object.assign(new Error('cannot open'), { code: 'ERR_CANNOT_OPEN' });
  let pending = null;
  return {
    begin() {
      pending = [];
    },
    insert(n) {
      if (pending === null) appendFileSync(file, `${n}\n`);
      else pending.push(n);
    },
    commit() {
      for (const n of pending) appendFileSync(file, `${n}\n`);
      pending = null;
    },
    rollback() {
      pending = null;
    },
    all: () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number) : []),
    slowly(ms) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      return ms;
    },
    waitFor: (cell) => void Atomics.wait(cell, 0, 0),
    thread: () => require('node:worker_threads').threadId,
    die: () => process.exit(1),
    close: () => appendFileSync(`${file}.closed`, '.'),
  };
};
