// npm run soak:http -- [--requests N] [--seconds at most] [--connections C] [--aborted per mille] [--seed S] [--major M]
// [--hub name]: requests of many kinds and sizes to one server process, 1 % of them aborted, on connections that come and
// go. Every answer is checked. Fails when an answer is wrong, when the server reports an error that no client caused, or
// when its memory or its descriptors grow.
import { spawn } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { buildAddon, buildAddonFor, runningNode } from './lib/addon.mjs';
import { at, cache } from './lib/paths.mjs';
import { Failure, main, run } from './lib/run.mjs';
import { buildTypeScript } from './lib/typescript.mjs';

// What a client does to a server: an aborted request, one that was cut, an answer to somebody who is gone.
const clientsFault = /^(ERR_VERDANT_HTTP_ABORTED|ERR_VERDANT_HTTP_BAD_REQUEST|ECONNRESET|EPIPE)$/;

/** How much the later half of the samples may lie above the earlier one. */
const allowedGrowth = { rss: 16 * 2 ** 20, heapUsed: 8 * 2 ** 20, fds: 40, greenThreads: 60, timers: 400 };

function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      requests: { type: 'string', default: '1000000' },
      seconds: { type: 'string', default: '0' },
      connections: { type: 'string', default: '128' },
      aborted: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      major: { type: 'string' },
      hub: { type: 'string', default: process.platform === 'linux' ? 'epoll' : 'kqueue' },
      built: { type: 'boolean', default: false },
    },
  });
  const { hub, major, built } = values;
  const [requests, seconds, connections, aborted, seed] = ['requests', 'seconds', 'connections', 'aborted', 'seed'].map(
    (name) => {
      const number = Number(values[name]);
      if (!(number >= 0)) throw new Failure(`--${name} must be a number, not '${values[name]}'`);
      return number;
    },
  );
  return {
    requests,
    seconds,
    connections,
    aborted,
    seed,
    hub,
    built,
    major: major === undefined ? undefined : Number(major),
  };
}

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

async function compileLoad() {
  const source = at('benchmarks/load/http_soak.cc');
  const folder = `${cache}/benchmarks`;
  const product = `${folder}/http_soak`;
  if (modified(product) > modified(source)) return product;
  mkdirSync(folder, { recursive: true });
  await run('g++', ['-std=c++20', '-O2', '-Wall', '-Wextra', '-Werror', '-o', product, source]);
  return product;
}

/** The server's process, and what it says about itself. */
class Server {
  samples = [];
  #child;
  #lines;
  #ended;
  #closing = false;

  constructor(node, hub) {
    const env = { ...process.env, VERDANT_HUB: hub };
    // A small young generation: how V8 enlarges it as it sees fit is not what is looked for.
    const flags = ['--expose-gc', '--max-semi-space-size=4'];
    this.#child = spawn(node.bin, [...flags, at('test/stress/http_soak_server.cjs')], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (code, signal) => resolve(signal ?? code));
    });
  }

  async next() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Failure(`the server ended: ${await this.#ended}`);
    return JSON.parse(value);
  }

  watch() {
    void (async () => {
      for (;;) {
        const { value, done } = await this.#lines.next();
        if (done) break;
        this.samples.push(JSON.parse(value));
      }
      if (this.#closing) return;
      console.error(`\nFAILED: the server ended while it was asked: ${await this.#ended}`);
      process.exit(1);
    })();
  }

  async close() {
    this.#closing = true;
    this.#child.stdin.end('end\n');
    const watchdog = setTimeout(() => this.#child.kill('SIGKILL'), 30_000);
    const outcome = await this.#ended;
    clearTimeout(watchdog);
    if (outcome !== 0) throw new Failure(`the server did not end in order: ${outcome}`);
    return this.samples.pop();
  }
}

function runLoad(load, { port, requests, seconds, connections, aborted, seed }) {
  const words = { port, requests, seconds, connections, aborted, seed };
  const child = spawn(
    load,
    Object.entries(words).flatMap(([name, value]) => [`--${name}`, String(value)]),
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      try {
        resolve(JSON.parse(output));
      } catch {
        reject(new Failure('the load program failed'));
      }
    });
  });
}

const mebibytes = (bytes) => Number((bytes / 2 ** 20).toFixed(1));

function report(samples, last, result) {
  const step = Math.max(1, Math.floor(samples.length / 20));
  const some = samples.filter((_sample, index) => index % step === 0);
  console.table(
    [...some, last].map(({ requests, rss, heapUsed, arrayBuffers, fds, greenThreads, timers, stacks }) => ({
      requests,
      'RSS, MiB': mebibytes(rss),
      'heap, MiB': mebibytes(heapUsed),
      'buffers, MiB': mebibytes(arrayBuffers),
      fds,
      'green threads': greenThreads,
      timers,
      stacks,
    })),
  );
  console.log(JSON.stringify(result));
  console.log(
    `errors that the server reported: ${JSON.stringify(last.errors)}; at the end: ${JSON.stringify(last.stats)}`,
  );
}

const middle = (values) => [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)];

function judge(start, samples, last, result) {
  const wrong = [];
  if (result.wrong > 0) wrong.push(`${result.wrong} answers were wrong`);
  for (const [name, count] of Object.entries(last.errors)) {
    if (!clientsFault.test(name)) wrong.push(`the server reported ${count} times: ${name}`);
  }
  if (last.greenThreads > 2) wrong.push(`${last.greenThreads} green threads are left`);
  if (last.fds > start.fds) wrong.push(`${last.fds} descriptors are left`);
  // The first quarter warms up. After it, the later half is compared with the earlier.
  const settled = samples.slice(Math.ceil(samples.length / 4));
  if (settled.length < 8) {
    console.log('too short to say whether memory grows');
  } else {
    const half = Math.ceil(settled.length / 2);
    for (const [kind, allowed] of Object.entries(allowedGrowth)) {
      const of = (part) => middle(part.map((sample) => sample[kind]));
      const growth = of(settled.slice(half)) - of(settled.slice(0, half));
      if (growth > allowed) wrong.push(`${kind} has grown by ${growth} between the halves`);
    }
  }
  if (wrong.length > 0) throw new Failure(wrong.join('\n'));
}

await main(async (args) => {
  const options = readOptions(args);
  const node = options.major === undefined ? runningNode() : await buildAddon(options.major);
  if (!options.built) {
    if (options.major === undefined) await buildAddonFor(node);
    await buildTypeScript();
  }
  const load = await compileLoad();
  console.log(`soak of verdant/http on Node ${node.version} ${node.arch}, hub ${options.hub}, seed ${options.seed}`);

  const server = new Server(node, options.hub);
  const start = await server.next();
  const { port } = start;
  server.watch();
  const result = await runLoad(load, { ...options, port });
  const last = await server.close();
  report(server.samples, last, result);
  judge(start, server.samples, last, result);
  console.log('soak of verdant/http: ok');
});
