import { onEachNode, program } from '../lib/bench.mjs';

// Each hub beside the hub `node`, which is there on every system.
const hubs = process.platform === 'linux' ? ['node', 'epoll'] : ['node', 'kqueue'];

const work = {
  switch: 'sleep(0) between two green threads, one way',
  timer: 'sleep(1) of 1,000 green threads, one wake-up',
  socket: 'a byte from one green thread to another, one way',
  turn: 'await run(), from outside and back',
};
const kinds = { alone: 'alone', storm: 'beside 1,000 in a sleep(0) loop', ready: 'beside a descriptor always ready' };

// Twice switchInterval.
const late = [{ most: 20 }];

const latenesses = Object.entries(kinds).flatMap(([kind, beside]) =>
  ['setTimeout', 'sleep'].flatMap((timer) =>
    [50, 99, 100].map((share) => {
      const table = `A timer of 1 ms, ${timer}, ${beside}`;
      const figure = {
        unit: 'ms',
        digits: 2,
        table,
        title: `${table}: p${share}`,
        column: `p${share}`,
        percentile: share,
      };
      return [`${kind} ${timer} p${share}`, { ...figure, compare: share < 100, bars: share === 99 ? late : [] }];
    }),
  ),
);

export const suite = {
  title: 'Hubs',
  about:
    'Each hub side by side: CPU time of what a hub does, and how late timers are beside what is always ready to run.',
  sizes: {
    full: { rounds: 5, samples: 3, milliseconds: 60, seconds: 1 },
    quick: { rounds: 2, samples: 2, milliseconds: 15, seconds: 0.2 },
    smoke: { rounds: 1, samples: 1, milliseconds: 1, seconds: 0.1 },
  },
  figures: () => ({
    ...Object.fromEntries(
      Object.entries(work).map(([id, title]) => [
        id,
        { title, unit: 'ns', table: 'CPU time', column: title, headline: id === 'socket' },
      ]),
    ),
    ...Object.fromEntries(latenesses),
  }),
  contenders: (bench) =>
    hubs.flatMap((hub) =>
      onEachNode(
        bench,
        `hub ${hub}`,
        (node) => {
          const { samples, milliseconds, seconds } = bench.size;
          const work = program(bench, node, 'hub', [samples, milliseconds], { env: { VERDANT_HUB: hub } });
          const timers = Object.keys(kinds).map((kind) => program(bench, node, 'starve', [hub, kind, seconds]));
          return Object.assign(work, ...timers);
        },
        { ours: hub !== 'node', own: true },
      ),
    ),
};
