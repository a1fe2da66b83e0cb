import { curve } from '../lib/figures.mjs';
import { toolboxContenders } from '../lib/toolbox_contenders.mjs';

export const suite = {
  title: 'Skynet',
  about:
    'Each node starts ten more and adds up what they send: CPU time of one leaf, its share of the nodes above included.',
  sizes: {
    full: { rounds: 4, scale: 0.02, milliseconds: 60, leaves: [10, 100, 1000, 10_000, 100_000] },
    quick: { rounds: 2, scale: 0.01, milliseconds: 30, leaves: [10, 1000, 10_000] },
    smoke: { rounds: 1, scale: 0.0001, milliseconds: 1, leaves: [10, 100] },
  },
  figures: ({ leaves }) => curve('skynet', leaves, 'leaves', { title: 'One leaf', unit: 'ns', headline: [10_000] }),
  contenders: (bench) =>
    toolboxContenders(
      bench,
      bench.size.leaves.map((leaves) => `skynet ${leaves}`),
    ),
};
