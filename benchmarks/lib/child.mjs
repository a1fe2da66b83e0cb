import { spawnSync } from 'node:child_process';
import { Failure } from '../../scripts/lib/run.mjs';
import { pinned } from './machine.mjs';

/**
 * Runs a command on the benchmarks' core and returns what it reports: the last line of its output, as JSON. One that may hang
 * is given `seconds`.
 */
export function answerOf(bin, args, { name = bin, env = {}, seconds = 600 } = {}) {
  const [command, all] = pinned(bin, args.map(String));
  const { status, signal, stdout, error } = spawnSync(command, all, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
  });
  if (status !== 0) throw new Failure(`${name}: ${error?.message ?? signal ?? `exit code ${status}`}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}
