import { onEachNode, program } from '../lib/bench.mjs';
import { curve } from '../lib/figures.mjs';
import { fibersPeer, goPeer, pythonPeer } from '../lib/peers.mjs';

const oneWay = { unit: 'ns', digits: 0, table: 'One switch, one way' };

export const suite = {
  title: 'Switching',
  about: 'CPU time from one party to the next: bare, and through the scheduler, for 2 to 100,000 parties.',
  sizes: {
    full: { rounds: 3, samples: 3, milliseconds: 40, switches: 50_000, counts: [2, 100, 1000, 10_000, 100_000] },
    quick: { rounds: 2, samples: 2, milliseconds: 10, switches: 20_000, counts: [2, 100, 1000, 10_000] },
    smoke: { rounds: 1, samples: 1, milliseconds: 1, switches: 1000, counts: [2, 100] },
  },
  figures: ({ counts }) => ({
    green: {
      ...oneWay,
      title: 'One bare switch, green to green',
      column: 'green to green',
      headline: true,
      bars: [
        { to: 'async', least: 1 / 5 },
        { to: 'node-fibers', least: 3 },
      ],
    },
    main: { ...oneWay, title: "One bare switch, Node's own stack and green", column: 'main and green' },
    ...curve('yield', counts, 'parties', {
      title: 'One turn of each party in line: sleep(0), await null, setImmediate, Gosched',
      unit: 'ns',
      headline: [1000],
      bars: [{ ours: 'verdant', most: 1000, at: [2, 100, 1000] }],
    }),
  }),
  async contenders(bench) {
    const { samples, milliseconds, switches, counts } = bench.size;
    const [bare, yields] = [
      [samples, milliseconds],
      [switches, ...counts],
    ];
    const language = (kind) => (node) => program(bench, node, 'switch_language', [kind, ...bare]);
    const inTurn = (kind) => (node) => program(bench, node, 'yield_node', [kind, ...yields]);
    return [
      ...onEachNode(
        bench,
        'verdant',
        (node) => ({ ...program(bench, node, 'switch', bare), ...program(bench, node, 'yield', yields) }),
        { ours: true },
      ),
      ...onEachNode(bench, 'async/await', (node) => ({ ...language('async')(node), ...inTurn('async')(node) })),
      ...onEachNode(bench, 'generators', language('generators')),
      ...onEachNode(bench, 'callbacks', inTurn('callbacks')),
      await fibersPeer('node-fibers', (node, path) =>
        program(bench, node, 'fibers', [path, 'switch', ...bare], { flags: [] }),
      ),
      pythonPeer('greenlet', 'micro.py', ['greenlet', 'switch', ...bare]),
      pythonPeer('eventlet', 'micro.py', ['eventlet', 'switch', ...yields]),
      pythonPeer('gevent', 'micro.py', ['gevent', 'switch', ...yields]),
      goPeer('micro', ['switch', ...yields]),
    ];
  },
};
