// npm run stress:net -- [--connections N] [--seconds S] [--seed S] [--major M] [--hub name]: clients talk to servers through a
// proxy that breaks connections in every way, in one process for each hub. See test/stress/net_program.cjs.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { buildAddon, buildAddonFor, runningNode } from './lib/addon.mjs';
import { at } from './lib/paths.mjs';
import { Failure, main } from './lib/run.mjs';
import { buildTypeScript } from './lib/typescript.mjs';

const hubs = ['node', process.platform === 'linux' ? 'epoll' : 'kqueue'];

// Milliseconds without a single connection that ends.
const patience = process.env.VERDANT_TEST_SLOW ? 300_000 : 60_000;

await main(async (args) => {
  const options = readOptions(args);
  const node = options.major === undefined ? runningNode() : await buildAddon(options.major);
  if (options.major === undefined) await buildAddonFor(node);
  if (process.env.VERDANT_EXEC_PATH === undefined) await buildTypeScript();
  console.log(`stress of sockets on Node ${node.version} ${node.arch}, seed ${options.seed}`);
  for (const hub of options.hub === undefined ? hubs : [options.hub]) await oneRun(node, { ...options, hub });
});

function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      connections: { type: 'string', default: '20000' },
      seconds: { type: 'string', default: '600' },
      seed: { type: 'string', default: String(randomInt(2 ** 32)) },
      major: { type: 'string' },
      hub: { type: 'string' },
    },
  });
  const { hub, major } = values;
  const [connections, seconds, seed] = ['connections', 'seconds', 'seed'].map((name) => {
    const number = Number(values[name]);
    if (!(number >= 0)) throw new Failure(`--${name} must be a number, not '${values[name]}'`);
    return number;
  });
  if (hub !== undefined && !hubs.includes(hub)) {
    throw new Failure(`--hub must be one of ${hubs.join(', ')}, not '${hub}'`);
  }
  return { connections, seconds, seed, hub, major: major === undefined ? undefined : Number(major) };
}

async function oneRun(node, { hub, seed, connections, seconds, major }) {
  const start = performance.now();
  const program = [at('test/stress/net_program.cjs'), seed, connections, seconds * 1000, patience].map(String);
  const { failure, output } = await child(node.bin, ['--expose-gc', ...program], hub);
  if (failure !== null) {
    const repeat = ['node scripts/stress_net.mjs'];
    if (major !== undefined) repeat.push(`--major ${major}`);
    repeat.push(`--hub ${hub} --seed ${seed} --connections ${connections} --seconds ${seconds}`);
    console.error(output);
    throw new Failure(
      `stress of sockets on Node ${node.version} ${node.arch}, hub ${hub}, seed ${seed}: ${failure}\nrepeat it with: ${repeat.join(' ')}`,
    );
  }
  console.log(`  ${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s  ${output.trim()}`);
}

/** Runs the program to its end; it ends itself when it hangs. `failure` says in a few words what was wrong with it. */
function child(bin, args, hub) {
  return new Promise((resolve) => {
    const env = { ...process.env, VERDANT_HUB: hub };
    const started = spawn(bin, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, errors] = ['', ''];
    started.stdout.on('data', (chunk) => (output += chunk));
    started.stderr.on('data', (chunk) => (errors += chunk));
    const done = (failure) => resolve({ failure, output: failure === null ? output : `${output}${errors}` });
    started.on('error', (error) => done(error.message));
    started.on('close', (code, signal) => {
      if (code !== 0) done(signal === null ? `exit code ${code}` : `killed by ${signal}`);
      else if (!output.includes('"switches"')) done('it ended early');
      else done(null);
    });
  });
}
