// What suspended green threads add to every garbage collection: their frames are walked.
import { program } from './lib/child.mjs';
import { median, summary } from './lib/statistics.mjs';

const counts = [0, 1000, 3000, 10_000];

export async function bench({ nodes, rounds = 3 }) {
  const peers = nodes.flatMap((node) => [
    { node, name: `${node.version} green, 1 frame`, args: ['green', 1, ...counts] },
    { node, name: `${node.version} green, 12 frames`, args: ['green', 12, ...counts] },
    { node, name: `${node.version} async function`, args: ['async', 1, ...counts] },
  ]);
  const samples = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const { node, name, args } of peers) {
      for (const { count, minor, major } of program(node, 'gc', args)) {
        const cell = ((samples[name] ??= {})[count] ??= { minor: [], major: [] });
        cell.minor.push(...minor);
        cell.major.push(...major);
      }
    }
  }
  for (const kind of ['minor', 'major']) {
    const table = {};
    for (const [name, byCount] of Object.entries(samples)) {
      const row = (table[name] = {});
      for (const count of counts) row[`with ${count}`] = Math.round(median(byCount[count][kind]));
      row['middle half, most'] = summary(byCount[counts.at(-1)][kind])['middle half'];
      const growth = median(byCount[counts.at(-1)][kind]) - median(byCount[0][kind]);
      row['each adds'] = Number((growth / counts.at(-1)).toFixed(3));
    }
    console.log(`${kind} GC, microseconds of CPU time`);
    console.table(table);
  }
}
