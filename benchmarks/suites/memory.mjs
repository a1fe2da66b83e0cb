import { onEachNode, program } from '../lib/bench.mjs';
import { curve } from '../lib/figures.mjs';
import { goPeer, pythonPeer } from '../lib/peers.mjs';

export const suite = {
  title: 'Memory',
  about:
    'Resident bytes of each of so many that wait at once: stack, engine state and objects. All are resumed and checked.',
  sizes: {
    full: { rounds: 3, counts: [1000, 10_000, 100_000] },
    quick: { rounds: 2, counts: [1000, 10_000] },
    smoke: { rounds: 1, counts: [1000] },
  },
  figures: ({ counts }) => ({
    ...curve('bytes', counts, 'waiting', {
      title: 'Resident bytes each',
      unit: 'bytes',
      headline: [counts.at(-1)],
      bars: [{ ours: 'verdant', most: 16_384, at: [100_000] }],
    }),
    ...curve('seconds', counts, 'waiting', {
      title: 'From the first spawn to the last result, two major GCs among them',
      unit: 's',
      digits: 3,
    }),
  }),
  contenders(bench) {
    const { counts } = bench.size;
    const node = (name, ours, kind, frames) =>
      onEachNode(
        bench,
        name,
        (each) => Object.assign({}, ...counts.map((count) => program(bench, each, 'memory', [kind, count, frames]))),
        { ours },
      );
    return [
      ...node('verdant', true, 'green', 1),
      ...node('verdant, 12 frames', true, 'green', 12),
      ...node('async/await', false, 'async', 1),
      ...['eventlet', 'gevent'].map((library) => pythonPeer(library, 'micro.py', [library, 'memory', ...counts])),
      goPeer('micro', ['memory', ...counts]),
    ];
  },
};
