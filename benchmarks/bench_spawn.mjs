// From spawn to outcome of a trivial function, against create + run of node-fibers.
import { program, rounds } from './lib/child.mjs';
import { fibers } from './lib/fibers.mjs';
import { summary } from './lib/statistics.mjs';

export async function bench({ nodes, rounds: count = 5 }) {
  const peer = await fibers();
  const perChild = 5;
  const samples = rounds(count, [
    ...nodes.map((node) => () => named(node, program(node, 'spawn', [perChild]))),
    () => named(peer.node, program(peer.node, 'fibers', [peer.path, 'fibers', perChild], { flags: [] })),
  ]);
  console.log('microseconds each (spawn + wait: at most 3)');
  const rows = Object.entries(samples).map(([name, values]) => [
    name,
    summary(
      values.map((nanoseconds) => nanoseconds / 1000),
      2,
    ),
  ]);
  console.table(Object.fromEntries(rows));
}

const named = (node, samples) =>
  Object.fromEntries(Object.entries(samples).map(([name, values]) => [`${node.version} ${name}`, values]));
