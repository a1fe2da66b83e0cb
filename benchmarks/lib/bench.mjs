// What the contenders of a suite are made from: the Nodes, how much to do, and the checkout that is measured.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root as here } from '../../scripts/lib/paths.mjs';
import { answerOf } from './child.mjs';

/**
 * `root` is the checkout: its programs load its verdant. `size` is the suite's own, of the mode; what `--rounds` says comes
 * before what the size says.
 */
export function makeBench(suite, { nodes, mode, rounds, only = [], root = here }) {
  const { rounds: usual, ...size } = suite.sizes[mode];
  return { nodes, mode, size, only, root, rounds: rounds ?? usual };
}

/** Runs one of programs/ of the measured checkout; what it reports. */
export function program({ root }, node, name, args = [], { flags = ['--expose-gc'], ...options } = {}) {
  return answerOf(node.bin, [...flags, join(root, 'benchmarks/programs', `${name}.cjs`), ...args], {
    name,
    ...options,
  });
}

/**
 * A contender for each Node, made by `measure(node)`. `ours` is held against those that are not; `own`: it is verdant all the
 * same, and another commit has it, too.
 */
export const onEachNode = ({ nodes }, name, measure, { ours = false, own = false, missing } = {}) =>
  nodes.map((node) => ({ name, node, ours, own, missing, measure: () => measure(node) }));

/** Where `verdant/<entry>` is: `{ path }`, or `{ missing }`. Rooms are added over time: an older commit has fewer. */
export function entryOf({ root }, entry) {
  const { exports: entries } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const target = entries[`./${entry}`];
  const path = target && join(root, target.default);
  if (path && existsSync(path)) return { path };
  return { missing: `npm run build, of a commit that has verdant/${entry}` };
}
