// The JSON that the suites' results are written to: what the report is made from.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { at, root } from '../../scripts/lib/paths.mjs';
import { Failure } from '../../scripts/lib/run.mjs';
import { machine, versions } from './machine.mjs';

const format = 1;

const git = (...args) => {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null; // not in a checkout
  }
};

export function emptyDocument({ mode, nodes }) {
  return {
    format,
    date: new Date().toISOString(),
    verdant: JSON.parse(readFileSync(at('package.json'), 'utf8')).version,
    commit: git('rev-parse', 'HEAD'),
    changed: Boolean(git('status', '--porcelain')),
    mode,
    machine: machine(),
    versions: versions(nodes),
    suites: [],
  };
}

// Samples are many and small: a line for each figure's contender keeps differences readable.
export function writeDocument(path, document) {
  const text = JSON.stringify(document, (key, value) => (key === 'samples' ? `[${value.join(', ')}]` : value), 1);
  writeFileSync(path, `${text.replace(/"samples": "(\[[^"]*\])"/g, '"samples": $1')}\n`);
}

export function readDocument(path) {
  let document;
  try {
    document = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Failure(`${path}: ${error.message}`);
  }
  if (document.format !== format) {
    throw new Failure(`${path}: not what these benchmarks write (format ${document.format})`);
  }
  return document;
}
