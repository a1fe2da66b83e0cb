import { root as here } from '../../scripts/lib/paths.mjs';
import { hasEntry } from '../lib/bench.mjs';
import { serving } from '../lib/echo_peers.mjs';
import { load } from '../lib/http_load.mjs';
import { onEachNode, strangers } from '../lib/http_peers.mjs';
import { check, workloads } from '../lib/http_workloads.mjs';
import { needs } from '../lib/peers.mjs';
import { httpFigures, serverFigures } from '../lib/server_figures.mjs';

const ours = (name) => /^(verdant|greenHandler)/.test(name);
const [epoll, plain] = ['verdant/http, hub epoll', 'node:http'];

/** What is asked of verdant beside node:http, in requests a second; and, of many connections, in latencies. */
const bars = (workload, connections) => ({
  rate:
    workload === 'block'
      ? [epoll, 'verdant/http, hub node', 'greenHandler'].map((name) => ({ ours: name, to: plain, least: 0.9 }))
      : [
          { ours: epoll, to: plain, least: 1.5 },
          { ours: 'greenHandler', to: plain, least: 0.9 },
        ],
  p99: connections === 1000 ? [{ ours: epoll, to: plain, least: 1 }] : [],
});

const loadsOf = ({ connections, asked = Object.keys(workloads) }) =>
  asked.flatMap((workload) => connections.map((count) => ({ workload, count, id: `${workload} ${count}` })));

/** http_peers.mjs lists the servers by workload; here each is one contender, that has some of them. */
function peersOf({ node, byWorkload, missing, root }) {
  const all = new Map(Object.values(byWorkload).flatMap((peers) => peers.map((peer) => [peer.name, peer])));
  return [...all.values()].map(({ name: full, start }) => {
    const name = node ? full.replace(`${node.version} `, '') : full;
    return {
      name,
      node,
      ours: ours(name),
      missing: missing(name),
      server({ workload }) {
        if (!byWorkload[workload].some((peer) => peer.name === full)) return undefined;
        const { args, ...rest } = start(workload);
        return { ...rest, args: args.map((word) => (ours(name) ? word.replace(here, root) : word)) };
      },
    };
  });
}

const pythonOf = (name) => /eventlet|gevent/.exec(name)?.[0];

export const suite = {
  title: 'HTTP servers',
  about:
    'wrk on one CPU, the server alone on the other: hello world, an echo of 1 KiB of JSON, a handler that blocks once.',
  sizes: {
    full: { rounds: 4, connections: [50, 1000], seconds: 1, warmup: 1 },
    quick: { rounds: 1, connections: [50], seconds: 1, warmup: 1 },
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
  async contenders(bench) {
    const http = hasEntry(bench, 'http') ? undefined : 'npm run build, of a commit that has verdant/http';
    const peers = [
      ...bench.nodes.flatMap((node) =>
        peersOf({
          node,
          root: bench.root,
          byWorkload: onEachNode(node),
          missing: (name) => (ours(name) && http) || undefined,
        }),
      ),
      ...(needs.go()
        ? [{ name: 'Go net/http', missing: needs.go() }]
        : peersOf({
            byWorkload: await strangers(),
            missing: (name) => pythonOf(name) && needs.python(pythonOf(name)),
          })),
    ].map((peer) => ({ ...peer, missing: needs.wrk() ?? peer.missing }));
    return serving(peers, loadsOf(bench.size), async (server, { workload, count, id }) => {
      const { seconds, warmup } = bench.size;
      await check(server.port, workload);
      return httpFigures(id, await load(server, workloads[workload], { connections: count, seconds, warmup }));
    });
  },
};
