import { entryOf } from '../lib/bench.mjs';
import { load } from '../lib/echo_run.mjs';
import { needs } from '../lib/peers.mjs';
import { echoFigures, serverFigures } from '../lib/server_figures.mjs';
import { serverInPython, serverOnNode, serving } from '../lib/serving.mjs';

const peers = (bench) => [
  ...bench.nodes.flatMap((node) => [
    ...['node', 'epoll'].map((hub) => ({
      name: `verdant/websocket, hub ${hub}`,
      node,
      ours: true,
      missing: entryOf(bench, 'websocket').missing,
      server: () => serverOnNode(bench.root, node, 'websocket', hub),
    })),
    { name: 'ws', node, server: () => serverOnNode(bench.root, node, 'websocket_ws') },
  ]),
  {
    name: 'eventlet',
    missing: needs.python('eventlet'),
    server: () => serverInPython('websocket_eventlet.py'),
  },
];

export const suite = {
  title: 'WebSocket servers',
  about:
    'Binary messages of 512 bytes to and fro on every connection, the server alone on its CPU, every byte checked.',
  sizes: {
    full: { rounds: 4, loads: [1, 100, 1000], seconds: 0.7, warmup: 0.3 },
    quick: { rounds: 2, loads: [100], seconds: 0.3, warmup: 0.2 },
    smoke: { rounds: 1, loads: [10], seconds: 0.1, warmup: 0 },
  },
  figures: ({ loads }) =>
    Object.assign(
      {},
      ...loads.map((count) =>
        serverFigures(String(count), `${count.toLocaleString('en')} connection${count === 1 ? '' : 's'}`, {
          headline: count === 100,
          curve: { id: 'rate', title: 'Messages a second', at: count },
        }),
      ),
    ),
  contenders: (bench) =>
    serving(peers(bench), bench.size.loads, async (server, connections) => {
      const { seconds, warmup } = bench.size;
      return echoFigures(String(connections), await load(server, { connections, websocket: 1, seconds, warmup }));
    }),
};
