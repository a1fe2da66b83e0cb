// verdant/fibers against node-fibers on Node 14: a run() with a yield() in it, and a fiber's whole life.
import { at } from '../scripts/lib/paths.mjs';
import { program, rounds } from './lib/child.mjs';
import { fibers } from './lib/fibers.mjs';
import { median, summary } from './lib/statistics.mjs';

const wanted = { 'run + yield': 3, 'create + run': 2 };

export async function bench({ nodes, rounds: count = 5 }) {
  const peer = await fibers();
  const perChild = 5;
  const ours = at('dist/compat/fibers/index.js');
  const run = (node, path, flags) => () => {
    const name = path === ours ? `verdant on ${node.version}` : `fibers on ${node.version}`;
    return program(node, 'fibers', [path, name, perChild], { flags });
  };
  const samples = rounds(count, [...nodes.map((node) => run(node, ours)), run(peer.node, peer.path, [])]);
  console.log('nanoseconds each');
  console.table(Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, summary(values)])));

  console.log('how many times faster, by medians and by the least');
  const table = {};
  for (const node of nodes) {
    table[node.version] = Object.fromEntries(
      Object.entries(wanted).map(([what, least]) => {
        const theirs = samples[`fibers on ${peer.node.version}: ${what}`];
        const own = samples[`verdant on ${node.version}: ${what}`];
        const by = [median(theirs) / median(own), Math.min(...theirs) / Math.min(...own)];
        return [`${what} (at least ${least})`, by.map((ratio) => ratio.toFixed(1)).join(' | ')];
      }),
    );
  }
  console.table(table);
}
