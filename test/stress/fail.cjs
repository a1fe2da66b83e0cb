// How the stress program reports: the first thing that is wrong ends the process at once, while everything still stands.
const { writeSync } = require('node:fs');
const { getHub } = require('verdant/hub');

function fail(message, error) {
  const lines = [`STRESS FAILURE: ${message}`];
  if (error !== undefined) lines.push(error instanceof Error ? (error.stack ?? String(error)) : String(error));
  if (error?.cause !== undefined) lines.push(`cause: ${error.cause?.stack ?? error.cause}`);
  if (error === undefined) lines.push(new Error('here').stack);
  lines.push(`hub: ${JSON.stringify(getHub().stats())}`);
  writeSync(2, `${lines.join('\n')}\n`);
  process.reallyExit(1);
}

function check(condition, message) {
  if (!condition) fail(message);
}

/** Calls `work`, which must throw what `expected` accepts; anything else it throws passes through. */
function mustThrow(work, expected, what) {
  let value;
  try {
    value = work();
  } catch (error) {
    if (expected(error)) return error;
    throw error;
  }
  return fail(`${what}: nothing was thrown, it returned ${String(value)}`);
}

module.exports = { check, fail, mustThrow };
