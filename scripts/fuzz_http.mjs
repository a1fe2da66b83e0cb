// npm run fuzz:http -- [--seconds N] [--seed S] [--major M] [--mode parser|sockets] [--hub name]: requests that are almost right, at
// the server's parser by itself and at a server over sockets, each in a child process (test/stress/http_fuzz.cjs says what must
// hold). A failure stops it, and is printed with its seed and as few bytes as still show it.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { buildAddon, buildAddonFor, runningNode } from './lib/addon.mjs';
import { at } from './lib/paths.mjs';
import { Failure, main } from './lib/run.mjs';
import { buildTypeScript } from './lib/typescript.mjs';

const program = at('test/stress/http_fuzz.cjs');
const hubs = ['node', process.platform === 'linux' ? 'epoll' : 'kqueue'];

// Milliseconds: one child's share at most, and how long a batch may take.
const longestShare = 20_000;
const patience = process.env.VERDANT_TEST_SLOW ? 300_000 : 60_000;

// Of both kinds, in turn.
const turns = [
  { mode: 'parser', hub: 'node' },
  { mode: 'sockets', hub: hubs[1] },
  { mode: 'parser', hub: 'node' },
  { mode: 'sockets', hub: hubs[0] },
];

// So many runs are tried to make a failing case smaller.
const mostReplays = 200;

function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      major: { type: 'string' },
      mode: { type: 'string' },
      hub: { type: 'string' },
      built: { type: 'boolean', default: false },
    },
  });
  const { major, mode, hub, built } = values;
  const [seconds, seed] = ['seconds', 'seed'].map((name) => {
    const number = Number(values[name]);
    if (!(number >= 0)) throw new Failure(`--${name} must be a number, not '${values[name]}'`);
    return number;
  });
  const plan = turns.filter((turn) => (mode ?? turn.mode) === turn.mode && (hub ?? turn.hub) === turn.hub);
  if (plan.length === 0) throw new Failure(`--mode is parser or sockets, --hub is ${hubs.join(' or ')}`);
  return { seconds, seed, plan, built, major: major === undefined ? undefined : Number(major) };
}

/** Runs the program to its end. `failure`: what was wrong with it; `batch`: what it was at; `case`: what it said of it. */
function child(node, hub, args, env = {}) {
  return new Promise((resolve, reject) => {
    const started = spawn(node.bin, ['--expose-gc', program, ...args.map(String)], {
      env: { ...process.env, ...env, VERDANT_HUB: hub },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const result = { failure: null, batch: null, broken: null, done: null, errors: '' };
    let hung = false;
    let watchdog;
    const watch = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => {
        hung = true;
        started.kill('SIGKILL');
      }, patience);
    };
    watch();
    createInterface({ input: started.stdout }).on('line', (line) => {
      watch();
      const said = JSON.parse(line);
      if (said.batch !== undefined) result.batch = said.batch;
      else if (said.broken !== undefined) result.broken = said;
      else result.done = said;
    });
    started.stderr.on('data', (chunk) => (result.errors += chunk));
    started.on('error', reject);
    started.on('close', (code, signal) => {
      clearTimeout(watchdog);
      if (hung) result.failure = 'it hangs';
      else if (result.broken !== null) result.failure = result.broken.broken;
      else if (signal !== null) result.failure = `killed by ${signal}`;
      else if (code !== 0) result.failure = `exit code ${code}`;
      else if (result.done === null) result.failure = 'it ended early';
      else if (result.errors !== '') result.failure = 'it wrote to stderr';
      resolve(result);
    });
  });
}

/** The bytes that one failed batch was about: as the program says, or those in its journal that fail again. */
async function culprits(node, { mode, hub }, result, folder) {
  if (result.broken !== null && result.broken.bytes !== '') return [result.broken.bytes];
  const journal = join(folder, 'journal');
  mkdirSync(journal, { recursive: true });
  await child(node, hub, [mode, result.batch, 0], { VERDANT_FUZZ_JOURNAL: journal });
  return readdirSync(journal).map((file) => readFileSync(join(journal, file), 'latin1'));
}

/** The smallest bytes found that still fail; null when none of them fails by itself. */
async function minimal(node, { mode, hub }, candidates, folder) {
  const file = join(folder, 'case');
  let replays = 0;
  const fails = async (bytes) => {
    replays += 1;
    writeFileSync(file, bytes, 'latin1');
    return (await child(node, hub, [mode, 'replay', file])).failure !== null;
  };
  for (const candidate of candidates) {
    if (!(await fails(candidate))) continue;
    let bytes = candidate;
    for (let size = Math.ceil(bytes.length / 2); size >= 1 && replays < mostReplays; size = Math.floor(size / 2)) {
      for (let from = 0; from < bytes.length && replays < mostReplays;) {
        const shorter = bytes.slice(0, from) + bytes.slice(from + size);
        if (await fails(shorter)) bytes = shorter;
        else from += size;
      }
    }
    return bytes;
  }
  return null;
}

async function explain(node, turn, result) {
  const folder = mkdtempSync(join(tmpdir(), 'verdant-fuzz-'));
  try {
    const candidates = await culprits(node, turn, result, folder);
    const smallest = await minimal(node, turn, candidates, folder);
    if (result.broken !== null) console.error(JSON.stringify(result.broken));
    console.error(result.errors);
    return smallest === null
      ? 'no single case shows it again'
      : `the smallest case that shows it, as a string of Latin-1:\n${JSON.stringify(smallest)}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main(async (args) => {
  const { seconds, seed, plan, built, major } = readOptions(args);
  const node = major === undefined ? runningNode() : await buildAddon(major);
  if (!built) {
    if (major === undefined) await buildAddonFor(node);
    await buildTypeScript();
  }
  console.log(`fuzzing verdant/http on Node ${node.version} ${node.arch}, seed ${seed}`);
  const end = performance.now() + seconds * 1000;
  const share = Math.min(longestShare, (seconds * 1000) / plan.length);
  const cases = { parser: 0, sockets: 0 };
  let first = seed;
  for (let number = 0; number === 0 || performance.now() < end; number += 1) {
    const turn = plan[number % plan.length];
    const milliseconds = Math.max(1000, Math.min(share, end - performance.now()));
    const result = await child(node, turn.hub, [turn.mode, first, Math.round(milliseconds)]);
    if (result.failure !== null) {
      const repeat = `node scripts/fuzz_http.mjs --mode ${turn.mode} --hub ${turn.hub} --seed ${result.batch} --seconds 1`;
      throw new Failure(
        `${turn.mode} on Node ${node.version}, hub ${turn.hub}, seed ${result.batch}: ${result.failure}\n` +
          `${await explain(node, turn, result)}\nrepeat it with: ${repeat}`,
      );
    }
    cases[turn.mode] += result.done.cases;
    first += result.done.done;
  }
  console.log(`  ok: ${cases.parser} cases at the parser, ${cases.sockets} over sockets`);
});
