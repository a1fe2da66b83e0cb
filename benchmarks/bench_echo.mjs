// Echo servers, 512 bytes to and fro on each connection: verdant on each hub against node:net, eventlet, gevent and Go.
// Own arguments: --loads 1,1s,100,1000 --only net,verdant,Go --seconds 2 --warmup 1.
import { parseArgs } from 'node:util';
import { needDebian } from '../scripts/lib/debian.mjs';
import { Failure } from '../scripts/lib/run.mjs';
import { nodeNet, strangers, verdant } from './lib/echo_peers.mjs';
import { load, withServer } from './lib/echo_run.mjs';
import { brief, median, paired } from './lib/statistics.mjs';

export async function bench({ nodes, rounds = 5, args }) {
  const { values } = parseArgs({
    args,
    options: {
      loads: { type: 'string', default: '1s,1,100,1000' },
      only: { type: 'string', default: '' },
      seconds: { type: 'string', default: '2' },
      warmup: { type: 'string', default: '1' },
    },
  });
  await needDebian('bench');
  const loads = values.loads.split(',').map(parseLoad);
  const wanted = values.only.split(',');
  const peers = [
    ...nodes.flatMap((node) => [nodeNet(node), verdant(node, 'node'), verdant(node, 'epoll')]),
    ...(await strangers()),
  ].filter(({ name }) => wanted.some((part) => name.includes(part)));
  const { seconds, warmup } = values;

  /** @type {Record<string, Record<string, object[]>>} by load, by peer: one result each round */
  const results = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const { title, options } of loads) {
      for (const peer of peers) {
        const result = await withServer(peer, (server) => load(server, { ...options, seconds, warmup }));
        ((results[title] ??= {})[peer.name] ??= []).push(result);
      }
    }
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
  for (const { title } of loads) {
    console.log(`\n${title}`);
    console.table(throughputTable(results[title]));
    console.table(costTable(results[title]));
  }
}

/** '100' is a hundred connections; '1s' is one, and the load generator never sleeps. */
function parseLoad(text) {
  const [, connections, spin] = /^(\d+)(s?)$/.exec(text) ?? [];
  if (connections === undefined) throw new Failure(`--loads: 1,100 or 1s, not '${text}'`);
  const title = `${connections} connection${connections === '1' ? '' : 's'}${spin ? ', load without sleep' : ''}`;
  return { title, options: { connections, spin: spin ? 1 : 0 } };
}

const mapValues = (object, map) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));

const perSecond = (results) => results.map(({ requestsPerSecond }) => requestsPerSecond);

function throughputTable(byPeer) {
  return mapValues(byPeer, (results, name) => {
    const row = { 'requests/s': brief(perSecond(results)) };
    const net = byPeer[name.replace(/verdant.*/, 'node:net')];
    if (net && net !== results) row['of node:net'] = brief(paired(perSecond(results), perSecond(net)), 2);
    if (byPeer.Go && byPeer.Go !== results) {
      row['of Go'] = brief(paired(perSecond(results), perSecond(byPeer.Go)), 2);
    }
    for (const quantile of ['p50', 'p99']) {
      row[`${quantile}, µs`] = brief(results.map(({ microseconds }) => microseconds[quantile]));
    }
    if (net && net !== results) {
      const p99 = (all) => all.map(({ microseconds }) => microseconds.p99);
      row['p99 of node:net'] = brief(paired(p99(results), p99(net)), 2);
    }
    return row;
  });
}

function costTable(byPeer) {
  const cpu = (results) => results.map(({ server, requests }) => server.cpuNanoseconds / 1000 / requests);
  return mapValues(byPeer, (results, name) => {
    const net = byPeer[name.replace(/verdant.*/, 'node:net')];
    const ratio = (others) => (others && others !== results ? brief(paired(cpu(others), cpu(results)), 2) : '');
    const middle = (value, digits = 0) => Number(median(results.map(value)).toFixed(digits));
    return {
      'server CPU µs/request': brief(cpu(results), 2),
      'requests per CPU second, of node:net': ratio(net),
      'of Go': ratio(byPeer.Go),
      'server busy %': middle(({ server }) => server.cpuShare * 100),
      'kept from its CPU %': middle(({ server }) => server.waitedShare * 100, 1),
      'load busy %': middle(({ loadCpuShare }) => loadCpuShare * 100),
      'p99.9, µs': middle(({ microseconds }) => microseconds.p999),
      'max, µs': middle(({ microseconds }) => microseconds.max),
      'least/most served': middle(({ repliesOfOneConnection: { least, most } }) => least / most, 2),
      'RSS, MiB': middle(({ server }) => server.residentBytes / 2 ** 20, 1),
    };
  });
}
