import { onEachNode, program } from '../lib/bench.mjs';
import { fibersPeer, goPeer, pythonPeer } from '../lib/peers.mjs';

const figure = { unit: 'ns', table: 'A trivial function on a stack of its own, from start to outcome' };

export const suite = {
  title: 'Spawning',
  about: 'CPU time of a trivial function from spawn to outcome. What the language calls instead: an async function.',
  sizes: {
    full: { rounds: 7, samples: 3, milliseconds: 40 },
    quick: { rounds: 3, samples: 3, milliseconds: 20 },
    smoke: { rounds: 1, samples: 1, milliseconds: 1 },
  },
  figures: () => ({
    one: {
      ...figure,
      title: 'spawn and wait',
      column: 'one after the other',
      headline: true,
      bars: [{ ours: 'verdant', most: 3000 }],
    },
    hundred: { ...figure, title: 'spawn 100, then wait for all', column: '100 at once', headline: true },
    'without stacks': { ...figure, title: 'spawn and wait, spawn stacks off', column: 'spawn stacks off' },
    run: { ...figure, title: 'await run()', column: 'await run()' },
  }),
  async contenders(bench) {
    const args = [bench.size.samples, bench.size.milliseconds];
    return [
      ...onEachNode(bench, 'verdant', (node) => program(bench, node, 'spawn', args), { ours: true }),
      ...onEachNode(bench, 'async/await', (node) => program(bench, node, 'spawn_async', args)),
      await fibersPeer('node-fibers', (node, path) =>
        program(bench, node, 'fibers', [path, 'spawn', ...args], { flags: [] }),
      ),
      ...['greenlet', 'eventlet', 'gevent'].map((library) =>
        pythonPeer(library, 'micro.py', [library, 'spawn', ...args]),
      ),
      goPeer('micro', ['spawn', ...args]),
    ];
  },
};
