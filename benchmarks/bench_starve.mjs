// What timers of 1 ms take beside green threads that are always ready to run. Own arguments: --seconds 3.
import { parseArgs } from 'node:util';
import { program } from './lib/child.mjs';
import { brief, median, quantiles } from './lib/statistics.mjs';

const hubs = ['node', 'epoll'];
const kinds = {
  alone: 'nothing',
  storm: '1,000 in a sleep(0) loop',
  ready: 'waits for what is always readable',
};

export async function bench({ nodes, rounds = 5, args }) {
  const { values } = parseArgs({ args, options: { seconds: { type: 'string', default: '3' } } });
  const peers = nodes.flatMap((node) =>
    hubs.flatMap((hub) =>
      Object.entries(kinds).map(([kind, what]) => ({ node, hub, kind, name: `${node.version} ${hub}, ${what}` })),
    ),
  );
  const rows = {};
  let interval = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const { node, hub, kind, name } of peers) {
      const measured = program(node, 'starve', [hub, kind, values.seconds], { seconds: Number(values.seconds) + 30 });
      interval = measured.switchInterval;
      for (const timer of ['setTimeout', 'sleep']) {
        const row = (rows[`${name}: ${timer}`] ??= { p50: [], p99: [], max: [] });
        const [p50, p99, max] = quantiles(measured[timer], [0.5, 0.99, 1]);
        row.p50.push(p50);
        row.p99.push(p99);
        row.max.push(max);
      }
    }
  }
  console.log(`\nmilliseconds from start to end of a timer of 1 ms (p99: below ${2 * interval}, twice switchInterval)`);
  const shown = Object.entries(rows).map(([name, { p50, p99, max }]) => [
    name,
    {
      p50: Number(median(p50).toFixed(2)),
      p99: brief(p99, 2),
      'p99 of the worst round': round2(Math.max(...p99)),
      max: round2(Math.max(...max)),
    },
  ]);
  console.table(Object.fromEntries(shown));
}

const round2 = (value) => Number(value.toFixed(2));
