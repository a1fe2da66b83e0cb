// What 10,000 idle connections cost: the throughput of 100 busy ones beside them, and memory, with a green thread parked
// on each. Own arguments: --idle 10000 --busy 100 --seconds 2 --warmup 1.
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { needDebian } from '../scripts/lib/debian.mjs';
import { nodeNet, verdant } from './lib/echo_peers.mjs';
import { load, withServer } from './lib/echo_run.mjs';
import { brief, median, paired } from './lib/statistics.mjs';

export async function bench({ nodes, rounds = 5, args }) {
  const { values } = parseArgs({
    args,
    options: {
      idle: { type: 'string', default: '10000' },
      busy: { type: 'string', default: '100' },
      seconds: { type: 'string', default: '2' },
      warmup: { type: 'string', default: '1' },
    },
  });
  await needDebian('bench');
  const [idle, busy] = [Number(values.idle), Number(values.busy)];
  const { seconds, warmup } = values;
  const peers = nodes.flatMap((node) => [verdant(node, 'epoll'), verdant(node, 'node'), nodeNet(node)]);

  const results = Object.fromEntries(peers.map(({ name }) => [name, { alone: [], beside: [], plain: [], used: [] }]));
  for (let round = 0; round < rounds; round += 1) {
    for (const peer of peers) {
      const result = results[peer.name];
      const measured = { connections: busy, seconds, warmup };
      result.alone.push(await withServer(peer, (server) => load(server, measured)));
      result.beside.push(await withServer(peer, (server) => load(server, { ...measured, idle, idleExchange: 1 })));
      result.plain.push(await memoryOfEach(peer, idle, 0));
      result.used.push(await memoryOfEach(peer, idle, 1));
    }
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }

  console.log(`\n${busy} busy connections, alone and beside ${idle} idle ones (verdant: at least 0.9 of alone)`);
  console.table(mapValues(results, throughputRow));
  console.log(`\nthe server's memory for each of ${idle} idle connections (verdant: at most 20480 bytes resident)`);
  console.table(
    Object.fromEntries(
      Object.entries(results).flatMap(([name, { plain, used }]) => [
        [`${name}, nothing sent yet`, memoryRow(plain)],
        [`${name}, after one exchange`, memoryRow(used)],
      ]),
    ),
  );
}

/** What the process grows by, after full GCs, divided by the number of connections. */
function memoryOfEach(peer, idle, idleExchange) {
  return withServer(peer, async (server) => {
    // What is needed once is there.
    await load(server, { connections: 100, seconds: 1, warmup: 0 });
    await settled(server);
    const before = await server.memory();
    const descriptors = server.descriptors();
    let growth = null;
    await load(server, { connections: 0, idle, idleExchange }, async () => {
      // They are open as soon as the kernel has queued them: the server may still be accepting.
      while (server.descriptors() < descriptors + idle) await setTimeout(20);
      const after = await server.memory();
      growth = mapValues(after, (bytes, kind) => (bytes - before[kind]) / idle);
    });
    return growth;
  });
}

/** Once the server has closed its side of all connections. */
async function settled(server) {
  const few = 64; // more than Node's own
  while (server.descriptors() > few) await setTimeout(20);
}

const mapValues = (object, map) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));

function throughputRow({ alone, beside }) {
  const perSecond = (all) => all.map(({ requestsPerSecond }) => requestsPerSecond);
  const cpu = (all) => all.map(({ server, requests }) => server.cpuNanoseconds / 1000 / requests);
  return {
    'alone, requests/s': brief(perSecond(alone)),
    'beside idle, requests/s': brief(perSecond(beside)),
    'of alone': brief(paired(perSecond(beside), perSecond(alone)), 2),
    'requests per CPU second, of alone': brief(paired(cpu(alone), cpu(beside)), 2),
    'RSS beside idle, MiB': Math.round(median(beside.map(({ server }) => server.residentBytes)) / 2 ** 20),
  };
}

function memoryRow(samples) {
  const of = (kind) => samples.map((sample) => sample[kind]);
  return {
    'resident bytes': brief(of('rss')),
    'JavaScript heap': Math.round(median(of('heapUsed'))),
    external: Math.round(median(of('external'))),
  };
}
