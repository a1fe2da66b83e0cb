import { onEachNode, program } from '../lib/bench.mjs';

const work = { read: 'read 4 KiB', write: 'write 4 KiB', stat: 'stat' };
const ways = { one: 'one after the other', many: '100 at once' };

const contenders = {
  verdant: { name: 'verdant, wait(fs.promises…)', ours: true },
  'verdant blocking': { name: 'verdant, blocking(fs)', ours: true },
  async: { name: 'async/await' },
  callbacks: { name: 'callbacks' },
  sync: { name: 'sync: blocks everybody' },
};

export const suite = {
  title: 'Files',
  about: "CPU time of small files' operations, Node's pool of threads included. The files are in the system's cache.",
  sizes: {
    full: { rounds: 4, operations: 3000 },
    quick: { rounds: 2, operations: 1000 },
    smoke: { rounds: 1, operations: 100 },
  },
  figures: () =>
    Object.fromEntries(
      Object.entries(work).flatMap(([id, what]) =>
        Object.entries(ways).map(([way, how]) => [
          `${id} ${way}`,
          {
            title: `${what}, ${how}`,
            table: `One operation, ${how}`,
            column: what,
            unit: 'µs',
            digits: 1,
            headline: id === 'read' && way === 'many',
          },
        ]),
      ),
    ),
  contenders: (bench) =>
    Object.entries(contenders).flatMap(([kind, { name, ours }]) =>
      onEachNode(bench, name, (node) => program(bench, node, 'files', [kind, bench.size.operations]), { ours }),
    ),
};
