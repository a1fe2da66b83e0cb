import { onEachNode, program } from '../lib/bench.mjs';
import { curve } from '../lib/figures.mjs';

const suspended = 'suspended';

export const suite = {
  title: 'Garbage collection',
  about: 'The pause of a forced collection while so many wait: each walks the frames of every suspended green thread.',
  sizes: {
    full: { rounds: 3, counts: [0, 1000, 10_000, 100_000] },
    quick: { rounds: 3, counts: [0, 1000, 10_000] },
    smoke: { rounds: 1, counts: [0, 100] },
  },
  figures: ({ counts }) => ({
    ...curve('minor', counts, suspended, { title: 'Minor collection', unit: 'µs', headline: [10_000] }),
    ...curve('major', counts, suspended, { title: 'Major collection', unit: 'µs' }),
    ...curve('minor each', counts.slice(1), suspended, { title: 'Minor: each adds', unit: 'ns', compare: false }),
    ...curve('major each', counts.slice(1), suspended, { title: 'Major: each adds', unit: 'ns', compare: false }),
  }),
  contenders(bench) {
    const on = (name, ours, kind, frames) =>
      onEachNode(bench, name, (node) => program(bench, node, 'gc', [kind, frames, ...bench.size.counts]), { ours });
    return [
      ...on('verdant', true, 'green', 1),
      ...on('verdant, 12 frames', true, 'green', 12),
      ...on('async/await', false, 'async', 1),
    ];
  },
};
