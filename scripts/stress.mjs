// npm run stress -- [--seconds N] [--seed S] [--major M] [--mode name] [--runs N]: thousands of green threads under random
// work in one child process after the other, each under other V8 flags and with the next seed. A failure stops it and
// says how to repeat it. See test/stress/program.cjs for what a child does.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildAddon, buildAddonFor, runningNode } from './lib/addon.mjs';
import { at } from './lib/paths.mjs';
import { Failure, main } from './lib/run.mjs';
import { buildTypeScript } from './lib/typescript.mjs';

const modes = {
  plain: [],
  'stress-compaction': ['--stress-compaction'],
  'small-young-generation': ['--max-semi-space-size=1'],
  jitless: ['--jitless'],
  sparkplug: ['--always-sparkplug'],
  'cpu-prof': ['--cpu-prof'],
  inspect: ['--inspect=127.0.0.1:0'],
};

// Milliseconds: a child's share of the time, and how long it may stand still (on a crowded machine work takes long).
const shortestRun = 1500;
const longestRun = 10_000;
const patience = process.env.VERDANT_TEST_SLOW ? 300_000 : 60_000;

await main(async (args) => {
  const options = readOptions(args);
  const node = options.major === undefined ? runningNode() : await buildAddon(options.major);
  if (options.major === undefined) await buildAddonFor(node);
  // Under an emulator, whoever started this has built it.
  if (process.env.VERDANT_EXEC_PATH === undefined) await buildTypeScript();
  console.log(`stress on Node ${node.version} ${node.arch}, seed ${options.seed}`);

  const end = performance.now() + options.seconds * 1000;
  const share = (options.seconds * 1000) / (options.mode === undefined ? Object.keys(modes).length : 1);
  const milliseconds = Math.round(Math.min(Math.max(share, shortestRun), longestRun));
  let runs = 0;
  for (; runs < options.runs && (runs === 0 || performance.now() < end); runs += 1) {
    const mode = options.mode ?? Object.keys(modes)[(options.seed + runs) % Object.keys(modes).length];
    await oneRun(node, { ...options, mode, milliseconds, seed: (options.seed + runs) % 2 ** 32 });
  }
  console.log(`stress on Node ${node.version} ${node.arch}: ok, ${runs} runs`);
});

function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '30' },
      seed: { type: 'string', default: String(randomInt(2 ** 32)) },
      major: { type: 'string' },
      mode: { type: 'string' },
      runs: { type: 'string', default: 'Infinity' },
    },
  });
  const { mode, major } = values;
  const [seconds, seed, runs] = ['seconds', 'seed', 'runs'].map((name) => {
    const number = Number(values[name]);
    if (!(number >= 0)) throw new Failure(`--${name} must be a number, not '${values[name]}'`);
    return number;
  });
  if (mode !== undefined && !(mode in modes)) {
    throw new Failure(`--mode must be one of ${Object.keys(modes).join(', ')}, not '${mode}'`);
  }
  return { seconds, seed, runs, mode, major: major === undefined ? undefined : Number(major) };
}

async function oneRun(node, { mode, seed, milliseconds, major }) {
  const start = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'verdant-stress-'));
  const flags = ['--expose-gc', ...modes[mode]];
  if (mode === 'cpu-prof') flags.push(`--cpu-prof-dir=${folder}`);
  const program = [at('test/stress/program.cjs'), seed, milliseconds, patience].map(String);
  const result = await child(node.bin, [...flags, ...program], milliseconds + 8 * patience);
  if (mode === 'cpu-prof' && result.failure === null && readdirSync(folder).length === 0) {
    result.failure = 'no CPU profile was written';
  }
  rmSync(folder, { recursive: true, force: true });
  if (result.failure !== null) {
    const repeat = ['node scripts/stress.mjs'];
    if (major !== undefined) repeat.push(`--major ${major}`);
    repeat.push(`--mode ${mode} --seed ${seed} --seconds ${milliseconds / 1000} --runs 1`);
    console.error(result.output);
    throw new Failure(
      `stress on Node ${node.version} ${node.arch}, mode ${mode}, seed ${seed}: ${result.failure}\nrepeat it with: ${repeat.join(' ')}`,
    );
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`  ${mode.padEnd(23)} seed ${String(seed).padEnd(10)} ${seconds.padStart(5)} s  ${result.output.trim()}`);
}

/** Runs the program to its end; `failure` says in a few words what was wrong with it. */
function child(bin, args, limit) {
  return new Promise((resolve) => {
    const started = spawn(bin, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, errors] = ['', ''];
    let hung = false;
    started.stdout.on('data', (chunk) => (output += chunk));
    started.stderr.on('data', (chunk) => (errors += chunk));
    const watchdog = setTimeout(() => {
      hung = true;
      started.kill('SIGKILL');
    }, limit);
    const done = (failure) => {
      clearTimeout(watchdog);
      resolve({ failure, output: failure === null ? output : `${output}${errors}` });
    };
    started.on('error', (error) => done(error.message));
    started.on('close', (code, signal) => {
      if (hung) done('it hangs');
      else if (code !== 0) done(signal === null ? `exit code ${code}` : `killed by ${signal}`);
      else if (!output.includes('"switches"')) done('it ended early');
      else done(null);
    });
  });
}
