import { setTimeout } from 'node:timers/promises';
import { Failure } from '../../scripts/lib/run.mjs';
import { echoOnNode } from '../lib/echo_peers.mjs';
import { load } from '../lib/echo_run.mjs';
import { serving } from '../lib/serving.mjs';

/** Waits for what a server does in its own time, but not for ever. */
async function until(what, happened) {
  const deadline = performance.now() + 60_000;
  while (!happened()) {
    if (performance.now() > deadline) throw new Failure(`idle: ${what} did not happen within a minute`);
    await setTimeout(20);
  }
}

/** What the process grows by, after full GCs, divided by the number of connections. */
async function memoryOfEach(server, idle, idleExchange) {
  const own = server.descriptors();
  // What is needed once is there, and the connections that it took are gone.
  await load(server, { connections: 100, seconds: 1 });
  const few = 16; // that it may have come to need
  await until('the end of all connections', () => server.descriptors() <= own + few);
  const before = await server.memory();
  let after;
  await load(server, { connections: 0, idle, idleExchange }, async () => {
    // They are open as soon as the kernel has queued them: the server may still be accepting.
    await until('accepting all connections', () => server.descriptors() >= own + idle);
    after = await server.memory();
  });
  const grown = (kind) => (after[kind] - before[kind]) / idle;
  return { rss: grown('rss'), heap: grown('heapUsed'), external: grown('external') };
}

const cpuOf = ({ server, requests }) => server.cpuNanoseconds / 1000 / requests;

/** 100 busy connections, alone and beside the idle ones: what is left is told as a share, of the same round. */
async function busy(server, { idle, seconds, warmup }) {
  const options = { connections: 100, seconds, warmup };
  const alone = await load(server, options);
  const beside = await load(server, { ...options, idle, idleExchange: 1 });
  return {
    'rate alone': alone.requestsPerSecond,
    'rate beside': beside.requestsPerSecond,
    left: beside.requestsPerSecond / alone.requestsPerSecond,
    'left by CPU': cpuOf(alone) / cpuOf(beside),
    'resident beside': beside.server.residentBytes / 2 ** 20,
  };
}

const kinds = { busy: 'busy', unused: 'nothing sent yet', used: 'after one exchange' };

const rate = { unit: '1/s', digits: 0, better: 'more', table: '100 busy connections beside idle ones' };
const share = { ...rate, unit: 'share', digits: 2, compare: false };
const bytes = { unit: 'bytes', digits: 0 };

const memory = (kind) => ({
  [`${kind} rss`]: {
    ...bytes,
    title: `Resident bytes of an idle connection, ${kinds[kind]}`,
    table: `Memory of an idle connection, ${kinds[kind]}`,
    column: 'resident',
    headline: kind === 'used',
    bars: [{ most: 20_480 }],
  },
  [`${kind} heap`]: {
    ...bytes,
    title: `JavaScript heap of an idle connection, ${kinds[kind]}`,
    table: `Memory of an idle connection, ${kinds[kind]}`,
    column: 'JavaScript heap',
    compare: false,
  },
  [`${kind} external`]: {
    ...bytes,
    title: `External memory of an idle connection, ${kinds[kind]}`,
    table: `Memory of an idle connection, ${kinds[kind]}`,
    column: 'external',
    compare: false,
  },
});

export const suite = {
  title: 'Idle connections',
  about: 'What connections cost on which nothing happens, with a green thread parked on each.',
  sizes: {
    full: { rounds: 3, idle: 10_000, seconds: 1, warmup: 0.5 },
    quick: { rounds: 1, idle: 2000, seconds: 0.5, warmup: 0.2 },
    smoke: { rounds: 1, idle: 100, seconds: 0.1, warmup: 0 },
  },
  figures: () => ({
    'rate alone': { ...rate, title: '100 busy connections, alone', column: 'alone' },
    'rate beside': { ...rate, title: '100 busy connections beside idle ones', column: 'beside idle' },
    left: { ...share, title: 'Requests a second left beside idle ones', column: 'left', bars: [{ least: 0.9 }] },
    'left by CPU': { ...share, title: 'Requests a CPU second left beside idle ones', column: 'left, by CPU second' },
    'resident beside': {
      ...share,
      unit: 'MiB',
      digits: 0,
      title: 'Resident memory beside idle ones',
      column: 'resident',
    },
    ...memory('unused'),
    ...memory('used'),
  }),
  contenders: (bench) =>
    serving(echoOnNode(bench), Object.keys(kinds), async (server, kind) => {
      if (kind === 'busy') return busy(server, bench.size);
      const grown = await memoryOfEach(server, bench.size.idle, kind === 'used' ? 1 : 0);
      return Object.fromEntries(Object.entries(grown).map(([key, value]) => [`${kind} ${key}`, value]));
    }),
};
