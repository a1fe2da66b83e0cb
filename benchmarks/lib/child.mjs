import { spawnSync } from 'node:child_process';
import { at } from '../../scripts/lib/paths.mjs';
import { Failure } from '../../scripts/lib/run.mjs';
import { pinned } from './machine.mjs';

/**
 * Runs one of programs/ under a Node and returns what it reports: the last line of its output, as JSON. One that may hang
 * is given `seconds`.
 */
export function program(node, name, args = [], { flags = ['--expose-gc'], seconds } = {}) {
  return answerOf(node.bin, [...flags, at('benchmarks/programs', `${name}.cjs`), ...args], { name, seconds });
}

/** The same for any command. */
export function answerOf(bin, args, { name = bin, env = {}, seconds } = {}) {
  const [command, all] = pinned(bin, args.map(String));
  const { status, signal, stdout, error } = spawnSync(command, all, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
    timeout: seconds && seconds * 1000,
    killSignal: 'SIGKILL',
  });
  if (status !== 0) throw new Failure(`${name}: ${error?.message ?? signal ?? `exit code ${status}`}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** Collects samples of several rounds, every peer once in each round: `{ name: [samples] }`. */
export function rounds(count, peers) {
  const samples = {};
  for (let round = 0; round < count; round += 1) {
    for (const peer of peers) {
      for (const [name, values] of Object.entries(peer())) (samples[name] ??= []).push(...[values].flat());
    }
  }
  return samples;
}
