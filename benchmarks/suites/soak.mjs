import { onEachNode, program } from '../lib/bench.mjs';

// V8 enlarges the young generation in a few steps as it sees fit, up to 48 MiB; that is not what is looked for here.
const flags = ['--expose-gc', '--max-semi-space-size=2'];

const growth = {
  unit: 'MiB',
  digits: 2,
  compare: false,
  table: 'Growth between the halves, after a quarter of warming up',
};

export const suite = {
  title: 'Soak',
  about: 'Green threads from spawn to end, 100 at once: memory must not grow.',
  sizes: {
    full: { rounds: 1, cycles: 1_000_000 },
    quick: { rounds: 1, cycles: 200_000 },
    smoke: { rounds: 1, cycles: 20_000 },
  },
  figures: () => ({
    resident: { ...growth, title: 'Growth of resident memory', column: 'resident', bars: [{ most: 4, must: true }] },
    heap: { ...growth, title: 'Growth of the heap in use', column: 'heap in use', bars: [{ most: 4, must: true }] },
    rss: { ...growth, title: 'Resident memory at the end', column: 'resident at the end' },
  }),
  contenders: (bench) =>
    onEachNode(bench, 'verdant', (node) => program(bench, node, 'soak', [bench.size.cycles, 100], { flags }), {
      ours: true,
    }),
};
