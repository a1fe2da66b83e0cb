// What is told of a server under load, the same for all suites that have servers. One load gives eleven figures.

const speed = {
  rate: { what: 'requests a second', unit: '1/s', digits: 0, better: 'more', headline: true },
  cpu: { what: 'CPU time of the server for a request', unit: 'µs', digits: 2 },
};
const shares = { p50: 50, p99: 99, p999: 99.9 };
const trust = {
  busy: { what: 'server busy', unit: '%' },
  kept: { what: 'server kept from its CPU', unit: '%', digits: 1 },
  load: { what: 'load busy', unit: '%' },
  fairness: { what: 'least/most served', unit: 'ratio', digits: 2 },
  resident: { what: 'resident memory', unit: 'MiB', digits: 1 },
};

/**
 * The figures of one load, `{ '<load> rate': … }`. With `curve`, `{ id, title, at }`, the requests a second are a point of a
 * curve over connections. `bars` are by figure: `{ rate: [...] }`.
 */
export function serverFigures(load, title, { curve, headline = false, bars = {} } = {}) {
  const figures = {};
  for (const [key, { what, ...figure }] of Object.entries(speed)) {
    const point = key === 'rate' && curve ? { curve: { axis: 'connections', ...curve } } : {};
    const own = { headline: Boolean(figure.headline && headline), bars: bars[key] };
    figures[`${load} ${key}`] = { ...figure, ...point, ...own, title: `${title}: ${what}`, table: title, column: what };
  }
  for (const [key, share] of Object.entries(shares)) {
    const names = { title: `${title}: p${share}`, table: title, column: `p${share}` };
    figures[`${load} ${key}`] = { ...names, unit: 'µs', digits: 0, percentile: share, bars: bars[key] };
  }
  for (const [key, { what, ...figure }] of Object.entries(trust)) {
    const names = { title: `${title}: ${what}`, table: `${title}: how far to trust it`, column: what };
    figures[`${load} ${key}`] = { digits: 0, ...figure, ...names, compare: false };
  }
  return figures;
}

const named = (load, values) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${load} ${key}`, value]));

/** What the load generator of load/ says, as figures. */
export const echoFigures = (
  load,
  { requestsPerSecond, requests, microseconds, server, loadCpuShare, repliesOfOneConnection },
) =>
  named(load, {
    rate: requestsPerSecond,
    cpu: server.cpuNanoseconds / 1000 / requests,
    ...{ p50: microseconds.p50, p99: microseconds.p99, p999: microseconds.p999 },
    busy: server.cpuShare * 100,
    kept: server.waitedShare * 100,
    load: loadCpuShare * 100,
    fairness: repliesOfOneConnection.least / repliesOfOneConnection.most,
    resident: server.residentBytes / 2 ** 20,
  });

/** What http_load.mjs says, as figures. */
export const httpFigures = (load, { perSecond, perCpuSecond, microseconds, server, client }) =>
  named(load, {
    rate: perSecond,
    cpu: 1e6 / perCpuSecond,
    ...microseconds,
    busy: server.busy * 100,
    kept: server.kept * 100,
    load: client.busy * 100,
    resident: server.residentBytes / 2 ** 20,
  });
