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

// With a larger share of the time spent waiting for its CPU, what a server did says more about the others there.
const undisturbed = 0.05;

const kept = (results) => median(results.map(({ server }) => server.kept));

function verdict(bar, results, plain) {
  const ratio = (figure) => median(paired(figure(results), figure(plain)));
  const shown = (value) => Number(value.toFixed(2));
  const disturbed = Math.max(kept(results), kept(plain)) > undisturbed;
  if (bar.least === undefined) {
    const value = ratio(p99);
    const judgement = value <= bar.mostP99 ? 'ok' : 'MISSED';
    return {
      bar: `p99 <= ${bar.mostP99}`,
      p99: shown(value),
      verdict: judgement + (disturbed ? ', but disturbed' : ''),
    };
  }
  const judged = ratio(disturbed ? perCpuSecond : perSecond);
  return {
    bar: `>= ${bar.least}`,
    'requests/s': shown(ratio(perSecond)),
    'by CPU second': shown(ratio(perCpuSecond)),
    verdict: `${judged >= bar.least ? 'ok' : 'MISSED'}${disturbed ? ', by CPU second' : ''}`,
  };
}

function verdicts({ title, workload, connections }, byPeer, bar) {
  if (!bar.workloads.includes(workload) || (bar.connections ?? connections) !== connections) return [];
  const names = Object.keys(byPeer).filter((name) => name.endsWith(` ${bar.server}`));
  return names.flatMap((name) => {
    const plain = reference(byPeer, name);
    return plain === undefined ? [] : [{ load: title, server: name, ...verdict(bar, byPeer[name], plain) }];
  });
}

/** The rows of the table of bars, as far as those that are asked took part. */
export function httpBars(loads, results) {
  return bars.flatMap((bar) => loads.flatMap((load) => verdicts(load, results[load.title] ?? {}, bar)));
}
