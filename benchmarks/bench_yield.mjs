// 1,000 green threads yield ten times each, against as many async functions that await ten times.
import { program, rounds } from './lib/child.mjs';
import { summary } from './lib/statistics.mjs';

export async function bench({ nodes, rounds: count = 5 }) {
  const samples = rounds(
    count,
    nodes.map((node) => () => {
      const measured = Object.entries(program(node, 'yield', [10, 1000, 10]));
      return Object.fromEntries(measured.map(([name, values]) => [`${node.version} ${name}`, values]));
    }),
  );
  console.log('nanoseconds for each of 10,000 switches (green: at most 1,000)');
  console.table(Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, summary(values)])));
}
