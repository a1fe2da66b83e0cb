import { join } from 'node:path';
import { at } from '../../scripts/lib/paths.mjs';
import { hasEntry } from '../lib/bench.mjs';
import { serving } from '../lib/echo_peers.mjs';
import { load } from '../lib/echo_run.mjs';
import { python } from '../lib/found.mjs';
import { needs } from '../lib/peers.mjs';
import { echoFigures, serverFigures } from '../lib/server_figures.mjs';

function peers(bench) {
  const missing = hasEntry(bench, 'websocket') ? undefined : 'npm run build, of a commit that has verdant/websocket';
  const onNode = (node, root, program, ...args) => ({
    command: node.bin,
    args: ['--expose-gc', join(root, 'benchmarks/programs', `${program}.cjs`), ...args],
  });
  return [
    ...bench.nodes.flatMap((node) => [
      ...['node', 'epoll'].map((hub) => ({
        name: `verdant/websocket, hub ${hub}`,
        node,
        ours: true,
        missing,
        server: () => onNode(node, bench.root, 'websocket', hub),
      })),
      { name: 'ws', node, server: () => onNode(node, bench.root, 'websocket_ws') },
    ]),
    {
      name: 'eventlet',
      missing: needs.python('eventlet'),
      server: () => ({ command: python, args: [at('benchmarks/peers/websocket_eventlet.py')] }),
    },
  ];
}

export const suite = {
  title: 'WebSocket servers',
  about:
    'Binary messages of 512 bytes to and fro on every connection, the server alone on its CPU, every byte checked.',
  sizes: {
    full: { rounds: 4, loads: [1, 100, 1000], seconds: 1, warmup: 0.5 },
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
