import { existsSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import { delimiter, join } from 'node:path';

export function describeMachine() {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  return `${model}, ${availableParallelism()} CPUs, ${process.platform} ${release()}, load ${loadavg()[0].toFixed(1)}`;
}

const canPin = process.env.PATH.split(delimiter).some((folder) => existsSync(join(folder, 'taskset')));

/** The command, kept on one CPU where that can be done: a process that wanders measures the caches. */
export function pinned(command, args, cpu = availableParallelism() - 1) {
  if (!canPin) return [command, args];
  return ['taskset', ['--cpu-list', String(cpu), command, ...args]];
}
