import { echoOnNode, echoStrangers } from '../lib/echo_peers.mjs';
import { load } from '../lib/echo_run.mjs';
import { echoFigures, serverFigures } from '../lib/server_figures.mjs';
import { serving } from '../lib/serving.mjs';

// '100' is a hundred connections; '1s' is one, and the load generator never sleeps.
const connectionsOf = (name) => Number.parseInt(name, 10);
const spins = (name) => name.endsWith('s');

function title(name) {
  const count = connectionsOf(name);
  return `${count.toLocaleString('en')} connection${count === 1 ? '' : 's'}${spins(name) ? ', load without sleep' : ''}`;
}

export const suite = {
  title: 'Echo servers',
  about: '512 bytes to and fro on every connection, the server alone on its CPU, every byte checked.',
  sizes: {
    full: { rounds: 3, loads: ['1s', '1', '100', '1000', '10000'], seconds: 0.7, warmup: 0.3 },
    quick: { rounds: 2, loads: ['1', '100', '1000'], seconds: 0.3, warmup: 0.2 },
    smoke: { rounds: 1, loads: ['10'], seconds: 0.1, warmup: 0 },
  },
  figures: ({ loads }) =>
    Object.assign(
      {},
      ...loads.map((name) =>
        serverFigures(name, title(name), {
          headline: ['100', '1000'].includes(name),
          curve: spins(name) ? undefined : { id: 'rate', title: 'Requests a second', at: connectionsOf(name) },
        }),
      ),
    ),
  contenders: (bench) =>
    serving([...echoOnNode(bench), ...echoStrangers()], bench.size.loads, async (server, name) => {
      const { seconds, warmup } = bench.size;
      const options = { connections: connectionsOf(name), spin: spins(name) ? 1 : 0, seconds, warmup };
      return echoFigures(name, await load(server, options));
    }),
};
