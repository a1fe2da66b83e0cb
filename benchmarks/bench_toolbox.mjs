// Primitives and pools beside async code in the same Node, eventlet, gevent and Go; and what they allocate when nobody has
// to wait. Own arguments: --scale 0.1 for less work.
import { parseArgs } from 'node:util';
import { at } from '../scripts/lib/paths.mjs';
import { answerOf, program } from './lib/child.mjs';
import { toolboxGo } from './lib/compiled.mjs';
import { brief, median, paired } from './lib/statistics.mjs';
import { toolboxPackages } from './lib/toolbox_packages.mjs';

// Debian's own: another python3 may come first in PATH, without its packages.
const python = '/usr/bin/python3';
const inPython = { PYTHONDONTWRITEBYTECODE: '1' };

// Room for all that a case allocates: no garbage collection meanwhile.
const roomy = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128'];

const titles = ['queue of 1', 'queue of 0', 'semaphore', 'broadcast', 'pool', 'skynet'];
const handOffs = titles.slice(0, 4);

// How many times as long the peer must take.
const bars = [
  { peer: 'eventlet', factor: 5, of: handOffs },
  { peer: 'gevent', factor: 3, of: handOffs },
  { peer: 'async', factor: 1 / 3, of: titles.slice(0, 2) },
];

export async function bench({ nodes, rounds: count = 5, args }) {
  const { values } = parseArgs({ args, options: { scale: { type: 'string', default: '1' } } });
  const { scale } = values;
  const packages = await toolboxPackages();
  const go = await toolboxGo();
  const strangers = [
    () => answerOf(python, [at('benchmarks/peers/toolbox_eventlet.py'), scale], { env: inPython }),
    () => answerOf(python, [at('benchmarks/peers/toolbox_gevent.py'), scale], { env: inPython }),
    () => answerOf(go, [scale], { env: { GOMAXPROCS: '1' } }),
  ];

  const others = {};
  const samples = nodes.map(() => ({}));
  for (let round = 0; round < count; round += 1) {
    nodes.forEach((node, index) => {
      add(samples[index], program(node, 'toolbox', [scale]));
      add(samples[index], program(node, 'toolbox_async', [scale, packages]));
    });
    for (const stranger of strangers) add(others, stranger());
  }
  nodes.forEach((node, index) => show(node, { ...samples[index], ...others }));

  console.log('bytes allocated by an operation for which nobody has to wait, over 1,000,000 operations');
  const columns = nodes.map((node) => [
    node.version,
    program(node, 'toolbox_allocations', [1_000_000], { flags: roomy }),
  ]);
  console.table(
    Object.fromEntries(
      Object.keys(columns[0][1]).map((name) => [
        name,
        Object.fromEntries(columns.map(([version, bytes]) => [version, bytes[name]])),
      ]),
    ),
  );
}

/** `{ peer: { title: value } }` into `{ peer: { title: [values] } }`. */
function add(samples, answer) {
  for (const [peer, values] of Object.entries(answer)) {
    samples[peer] ??= {};
    for (const [title, value] of Object.entries(values)) (samples[peer][title] ??= []).push(value);
  }
}

function show({ version }, samples) {
  const table = (cell) =>
    Object.fromEntries(
      titles.map((title) => [
        title,
        Object.fromEntries(
          Object.keys(samples).map((peer) => [peer, samples[peer][title] === undefined ? '' : cell(peer, title)]),
        ),
      ]),
    );
  const ratios = (peer, title) => paired(samples[peer][title], samples.verdant[title]);
  console.log(`Node ${version}: nanoseconds of CPU time per operation`);
  console.table(table((peer, title) => brief(samples[peer][title])));
  console.log(`Node ${version}: how many times as long as verdant`);
  console.table(table((peer, title) => brief(ratios(peer, title), 2)));
  const verdicts = bars.flatMap(({ peer, factor, of }) =>
    of.map((title) => ({ peer, title, bar: factor, ratio: median(ratios(peer, title)) })),
  );
  console.log(`Node ${version}: bars`);
  console.table(
    verdicts.map(({ peer, title, bar, ratio }) => ({
      peer,
      benchmark: title,
      'at least': Number(bar.toFixed(2)),
      ratio: Number(ratio.toFixed(2)),
      verdict: ratio >= bar ? 'ok' : 'MISSED',
    })),
  );
}
