// What is asked of the servers, and whether they do it.
import { latency, perCpuSecond, perSecond, reference } from './http_figures.mjs';
import { median, paired } from './statistics.mjs';

const epoll = 'verdant/http, hub epoll';
const p99 = latency('p99');

const bars = [
  { server: epoll, workloads: ['hello', 'echo'], least: 1.5 },
  { server: 'greenHandler', workloads: ['hello', 'echo'], least: 0.9 },
  { server: epoll, workloads: ['block'], least: 0.9 },
  { server: 'verdant/http, hub node', workloads: ['block'], least: 0.9 },
  { server: 'greenHandler', workloads: ['block'], least: 0.9 },
  { server: epoll, workloads: ['hello', 'echo', 'block'], connections: '1000', mostP99: 1 },
];

function verdicts({ title, workload, connections }, byPeer, bar) {
  if (!bar.workloads.includes(workload) || (bar.connections ?? connections) !== connections) return [];
  const names = Object.keys(byPeer).filter((name) => name.endsWith(` ${bar.server}`));
  return names.flatMap((name) => {
    const [results, plain] = [byPeer[name], reference(byPeer, name)];
    if (plain === undefined) return [];
    const ratio = (figure) => median(paired(figure(results), figure(plain)));
    const value = ratio(bar.least === undefined ? p99 : perSecond);
    const met = bar.least === undefined ? value <= bar.mostP99 : value >= bar.least;
    return {
      load: title,
      server: name,
      'of node:http': bar.least === undefined ? `p99 <= ${bar.mostP99}` : `requests/s >= ${bar.least}`,
      ratio: Number(value.toFixed(2)),
      'by CPU second': bar.least === undefined ? '' : Number(ratio(perCpuSecond).toFixed(2)),
      verdict: met ? 'ok' : 'MISSED',
    };
  });
}

/** The rows of the table of bars, as far as those that are asked took part. */
export function httpBars(loads, results) {
  return bars.flatMap((bar) => loads.flatMap((load) => verdicts(load, results[load.title] ?? {}, bar)));
}
