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
    () => named(peer.node, program(peer.node, 'fibers', [peer.path, perChild], [])),
  ]);
  console.log('nanoseconds each');
  console.table(Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, summary(values)])));

  const fiberTrip = median(samples[`${peer.node.version} fibers: run + yield`]);
  const ratios = {};
  for (const { version } of nodes) {
    const of = (name) => median(samples[`${version} ${name}`]);
    const ratio = (value) => Number(value.toFixed(2));
    const awaited = of('await null');
    ratios[version] = {
      'green switch / await': ratio(of('switch, green to green, one way') / awaited),
      'main switch / await': ratio(of('switch, main and green, one way') / awaited),
      'sleep(0) / await': ratio(of('sleep(0) between two green threads, one way') / awaited),
      'fibers trip / green trip': ratio(fiberTrip / (2 * of('switch, green to green, one way'))),
      'fibers trip / main trip': ratio(fiberTrip / (2 * of('switch, main and green, one way'))),
      'fibers trip / 2 sleep(0)': ratio(fiberTrip / (2 * of('sleep(0) between two green threads, one way'))),
    };
  }
  console.log('ratios of medians (to await: at most 5; node-fibers: at least 3)');
  console.table(ratios);
}
