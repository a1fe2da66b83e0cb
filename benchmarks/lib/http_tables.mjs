// The tables of `http`: what the servers did, and what it cost.
import { latency, perCpuSecond, perSecond, reference } from './http_figures.mjs';
import { brief, median, paired } from './statistics.mjs';

const [p50, p99] = [latency('p50'), latency('p99')];

const table = (byPeer, row) =>
  console.table(
    Object.fromEntries(Object.entries(byPeer).map(([name, results]) => [name, row(results, reference(byPeer, name))])),
  );

function throughput(results, plain) {
  const ratio = (figure) => (plain ? brief(paired(figure(results), figure(plain)), 2) : '');
  return {
    'requests/s': brief(perSecond(results)),
    'of node:http': ratio(perSecond),
    'p50, ms': brief(p50(results), 2),
    'p99, ms': brief(p99(results), 2),
    'p99 of node:http': ratio(p99),
  };
}

function cost(results, plain) {
  const middle = (value, digits = 0) => Number(median(results.map(value)).toFixed(digits));
  return {
    'requests per CPU second': brief(perCpuSecond(results)),
    'of node:http': plain ? brief(paired(perCpuSecond(results), perCpuSecond(plain)), 2) : '',
    'server busy %': middle(({ server }) => server.busy * 100),
    'kept from its CPU %': middle(({ server }) => server.kept * 100, 1),
    'wrk busy %': middle(({ client }) => client.busy * 100),
    'max, ms': middle(({ milliseconds }) => milliseconds.max, 1),
    'RSS, MiB': middle(({ server }) => server.residentBytes / 2 ** 20, 1),
  };
}

/** Prints both for one load; `byPeer` has an array of results for each server. */
export function httpTables(byPeer) {
  table(byPeer, throughput);
  table(byPeer, cost);
}
