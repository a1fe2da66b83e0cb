import { onEachNode, program } from '../lib/bench.mjs';
import { toolboxContenders } from '../lib/toolbox_contenders.mjs';

const titles = {
  'queue of 1': 'hand an item over through a queue with one place',
  'queue of 0': 'hand an item over through a queue with none',
  semaphore: 'one turn of 100 parties with one slot',
  broadcast: 'wake one of 10,000 waiters',
  pool: 'a job on one of 1,000 places',
};

// Beside Python's, and beside what promises can do at their leanest.
const python = [
  { to: 'eventlet', least: 5 },
  { to: 'gevent', least: 3 },
];
const bars = {
  'queue of 1': [...python, { to: 'async/await', least: 1 / 3 }],
  'queue of 0': [...python, { to: 'async/await', least: 1 / 3 }],
  semaphore: python,
  broadcast: python,
};

// Room for all that a case allocates: no garbage collection meanwhile.
const roomy = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128'];
const uncontended = [
  'Semaphore acquire, release',
  'Semaphore acquire({ timeout }), release',
  'Semaphore hold, dispose',
  'BoundedSemaphore acquire, release',
  'CappedSemaphore release, acquire',
  'Lock acquire, release',
  'RLock acquire, release',
  'Condition acquire, notify, release',
  'Event send, wait, reset',
  'Barrier(1) wait',
  'WaitGroup add, done, wait',
  'GreenLocal get, set',
  'LightQueue put, get',
  'LightQueue putNowait, getNowait',
  'Queue put, get, taskDone',
  'LifoQueue put, get',
  'PriorityQueue put, get',
  'Channel(1) put, get',
  'Pool get, put',
  'control: nothing',
  'control: an array of 10, 128 bytes',
];

const allocated = (title) => [
  title,
  { title, unit: 'bytes', digits: 1, compare: false, list: 'Allocated when nobody has to wait' },
];

export const suite = {
  title: 'Primitives and pools',
  about:
    'CPU time of one operation under contention, the same work in every peer; and bytes allocated without contention.',
  sizes: {
    full: { rounds: 5, scale: 0.3, milliseconds: 80, operations: 1_000_000 },
    quick: { rounds: 2, scale: 0.1, milliseconds: 30, operations: 200_000 },
    smoke: { rounds: 1, scale: 0.005, milliseconds: 1, operations: 1000 },
  },
  figures: () => ({
    ...Object.fromEntries(
      Object.entries(titles).map(([id, title]) => [
        id,
        { title, unit: 'ns', table: 'One operation', column: id, bars: bars[id], headline: id !== 'queue of 0' },
      ]),
    ),
    ...Object.fromEntries(uncontended.map(allocated)),
  }),
  contenders: async (bench) => [
    ...(await toolboxContenders(bench, Object.keys(titles), { withPackages: true })),
    ...onEachNode(
      bench,
      'verdant, uncontended',
      (node) => program(bench, node, 'toolbox_allocations', [bench.size.operations], { flags: roomy }),
      { ours: true },
    ),
  ],
};
