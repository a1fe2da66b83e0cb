// One-way switches against one await of the same Node, and round trips against node-fibers on Node 14.
import { program, rounds } from './lib/child.mjs';
import { fibers } from './lib/fibers.mjs';
import { median, summary } from './lib/statistics.mjs';

export async function bench({ nodes, rounds: count = 5 }) {
  const peer = await fibers();
  const perChild = 5;
  const named = (node, samples) =>
    Object.fromEntries(Object.entries(samples).map(([name, values]) => [`${node.version} ${name}`, values]));
  const samples = rounds(count, [
    ...nodes.map((node) => () => named(node, program(node, 'switch', [perChild]))),
    () => named(peer.node, program(peer.node, 'fibers', [peer.path, 'fibers', perChild], { flags: [] })),
  ]);
  console.log('nanoseconds each');
  console.table(Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, summary(values)])));

  console.log('ratios of medians, and of the least (to await: at most 5; to node-fibers: at least 3)');
  const byMedian = ratios(nodes, (node, name) => median(samples[`${node.version} ${name}`]), peer.node);
  const byLeast = ratios(nodes, (node, name) => Math.min(...samples[`${node.version} ${name}`]), peer.node);
  console.table(merge(byMedian, byLeast));
}

function ratios(nodes, of, fiberNode) {
  const fiberTrip = of(fiberNode, 'fibers: run + yield');
  const table = {};
  for (const node of nodes) {
    const awaited = of(node, 'await null');
    const green = of(node, 'switch, green to green, one way');
    const main = of(node, 'switch, main and green, one way');
    const yielded = of(node, 'sleep(0) between two green threads, one way');
    table[node.version] = {
      'green / await': green / awaited,
      'main / await': main / awaited,
      'sleep(0) / await': yielded / awaited,
      'fibers / 2 green': fiberTrip / (2 * green),
      'fibers / 2 main': fiberTrip / (2 * main),
      'fibers / 2 sleep(0)': fiberTrip / (2 * yielded),
    };
  }
  return table;
}

/** Two tables in one: 'a | b' in each cell. */
function merge(first, second) {
  const cells = (version) =>
    Object.entries(first[version]).map(([name, value]) => [
      name,
      `${value.toFixed(1)} | ${second[version][name].toFixed(1)}`,
    ]);
  return Object.fromEntries(Object.keys(first).map((version) => [version, Object.fromEntries(cells(version))]));
}
