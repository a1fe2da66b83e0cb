// 100,000 green threads suspended at once; all are resumed and their results checked.
import { program } from './lib/child.mjs';
import { summary } from './lib/statistics.mjs';

const count = 100_000;

export async function bench({ nodes, rounds = 3 }) {
  const rows = {};
  const peers = nodes.flatMap((node) => [
    { node, name: `${node.version} green, 1 frame`, args: ['green', count, 1] },
    { node, name: `${node.version} green, 12 frames`, args: ['green', count, 12] },
    { node, name: `${node.version} async function`, args: ['async', count, 1] },
  ]);
  for (let round = 0; round < rounds; round += 1) {
    for (const { node, name, args } of peers) {
      const row = (rows[name] ??= { bytes: [], seconds: [] });
      const { bytes, seconds } = program(node, 'memory', args);
      row.bytes.push(bytes);
      row.seconds.push(seconds);
    }
  }
  console.log(`resident bytes of each of ${count} (green: at most 16384)`);
  console.table(mapValues(rows, ({ bytes }) => summary(bytes)));
  console.log('seconds from the first spawn to the last result, two major GCs among them');
  console.table(mapValues(rows, ({ seconds }) => summary(seconds, 2)));
}

const mapValues = (object, map) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
