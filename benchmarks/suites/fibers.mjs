import { entryOf, onEachNode, program } from '../lib/bench.mjs';
import { fibersPeer } from '../lib/peers.mjs';

const figure = { unit: 'ns', table: 'Fibers', headline: true };

export const suite = {
  title: 'Fibers',
  about: 'CPU time of what programs for node-fibers do most, by verdant/fibers and by node-fibers itself.',
  sizes: {
    full: { rounds: 7, samples: 5, milliseconds: 60 },
    quick: { rounds: 3, samples: 3, milliseconds: 20 },
    smoke: { rounds: 1, samples: 1, milliseconds: 1 },
  },
  figures: () => ({
    'run + yield': {
      ...figure,
      title: 'run() and the yield() that comes back',
      column: 'run + yield',
      bars: [{ to: 'node-fibers', least: 3 }],
    },
    'create + run': {
      ...figure,
      title: 'a fiber from its creation to its end',
      column: 'create + run + finish',
      bars: [{ to: 'node-fibers', least: 2 }],
    },
  }),
  async contenders(bench) {
    const measured = (node, path, flags) => {
      const { samples, milliseconds } = bench.size;
      return program(bench, node, 'fibers', [path, 'fibers', samples, milliseconds], { flags });
    };
    const own = entryOf(bench, 'fibers');
    return [
      ...onEachNode(bench, 'verdant/fibers', (node) => measured(node, own.path), { ours: true, missing: own.missing }),
      await fibersPeer('node-fibers', (node, path) => measured(node, path, [])),
    ];
  },
};
