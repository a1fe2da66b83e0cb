import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { inPath, python } from './found.mjs';

export function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
    cpus: availableParallelism(),
    memoryGibibytes: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    load: Number(loadavg()[0].toFixed(1)),
  };
}

export const describe = ({ cpu, cpus: count, system, memoryGibibytes, load }) =>
  `${cpu}, ${count} CPUs, ${memoryGibibytes} GiB, ${system}, load ${load}`;

const first = (command, ...args) => {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .trim()
      .split('\n')[0];
  } catch {
    return undefined;
  }
};

/** What is installed beside the Nodes, as each says itself; who is not there is left out. */
export function versions(nodes) {
  const modules = ['eventlet', 'gevent', 'greenlet'].map((name) => [
    name,
    first(python, '-c', `import importlib.metadata as m; print(m.version("${name}"))`),
  ]);
  const all = [
    ['Node', nodes.map(({ version }) => version).join(', ')],
    ['Python', first(python, '-V')?.replace('Python ', '')],
    ...modules,
    ['Go', first('go', 'env', 'GOVERSION')?.replace('go', '')],
    ['g++', first('g++', '-dumpfullversion')],
  ];
  return Object.fromEntries(all.filter(([, version]) => version));
}

const canPin = inPath('taskset');

/** The command, kept on one CPU where that can be done: a process that wanders measures the caches. */
export function pinned(command, args, cpu = availableParallelism() - 1) {
  if (!canPin) return [command, args];
  return ['taskset', ['--cpu-list', String(cpu), command, ...args]];
}
