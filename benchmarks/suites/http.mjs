import { load } from '../lib/http_load.mjs';
import { httpOnNode, httpStrangers, names } from '../lib/http_peers.mjs';
import { check, workloads } from '../lib/http_workloads.mjs';
import { needs } from '../lib/peers.mjs';
import { httpFigures, serverFigures } from '../lib/server_figures.mjs';
import { serving } from '../lib/serving.mjs';

/**
 * What is asked of verdant beside node:http: requests a second, the same by CPU second for the day when somebody else kept a server
 * from its CPU, and latencies of many connections.
 */
function bars(workload, connections) {
  const beside = (ours, least) => ({ ours, to: names.plain, least });
  const enough =
    workload === 'block'
      ? [beside(names.epoll, 0.9), beside(names.node, 0.9), beside(names.handler, 0.9)]
      : [beside(names.epoll, 1.5), beside(names.handler, 0.9)];
  return { rate: enough, cpu: enough, p99: connections === 1000 ? [beside(names.epoll, 1)] : [] };
}

const loadsOf = ({ connections, asked = Object.keys(workloads) }) =>
  asked.flatMap((workload) => connections.map((count) => ({ workload, count, id: `${workload} ${count}` })));

export const suite = {
  title: 'HTTP servers',
  about:
    'wrk on one CPU, the server alone on the other: hello world, an echo of 1 KiB of JSON, a handler that blocks once.',
  sizes: {
    full: { rounds: 3, connections: [50, 1000], seconds: 1, warmup: 1 },
    quick: { rounds: 1, asked: ['hello', 'block'], connections: [50], seconds: 1, warmup: 1 },
    smoke: { rounds: 1, asked: ['hello'], connections: [10], seconds: 1, warmup: 1 },
  },
  figures: (size) =>
    Object.assign(
      {},
      ...loadsOf(size).map(({ workload, count, id }) =>
        serverFigures(id, `${workloads[workload].title}, ${count.toLocaleString('en')} connections`, {
          headline: count === size.connections.at(-1),
          bars: bars(workload, count),
          curve: { id: `${workload} rate`, title: `${workloads[workload].title}, requests a second`, at: count },
        }),
      ),
    ),
  contenders(bench) {
    const peers = [...httpOnNode(bench), ...httpStrangers()].map((peer) => ({
      ...peer,
      missing: needs.wrk() ?? peer.missing,
    }));
    return serving(peers, loadsOf(bench.size), async (server, { workload, count, id }) => {
      const { seconds, warmup } = bench.size;
      await check(server.port, workload);
      return httpFigures(id, await load(server, workloads[workload], { connections: count, seconds, warmup }));
    });
  },
};
