// One suite, from its contenders to its results. Every round runs each contender once, and each round begins with another
// one: a busy minute hits all of them, and nobody always comes after the same neighbour. A contender may be measured in
// `steps`, say one for each load; all take one before anybody takes the next.
import { Failure } from '../../scripts/lib/run.mjs';
import { progress } from './progress.mjs';
import { result } from './result.mjs';
import { median } from './statistics.mjs';

/** `{ figure: { contender: [one value each round] } }` */
async function collect(name, contenders, figures, rounds) {
  const samples = {};
  const steps = Math.max(1, ...contenders.map((contender) => contender.steps ?? 1));
  const bar = progress(name, rounds, steps * contenders.length);
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (let turn = 0; turn < steps * contenders.length; turn += 1) {
        const step = Math.floor(turn / contenders.length);
        const contender = contenders[(turn + round) % contenders.length];
        const measured = step < (contender.steps ?? 1) ? await contender.measure(step) : {};
        for (const [figure, values] of Object.entries(measured)) {
          if (!(figure in figures)) {
            throw new Failure(`${contender.name} measured '${figure}', which ${name} does not know`);
          }
          ((samples[figure] ??= {})[contender.label] ??= []).push(median([values].flat()));
        }
        bar.step(contender.name);
      }
    }
  } finally {
    bar.stop();
  }
  return samples;
}

/** With several Nodes, those who run on them are told apart by it. */
function label({ name, node }, several) {
  return node && several ? `${name} (Node ${node.version.split('.')[0]})` : name;
}

/**
 * Measures one suite; `bench` is what its contenders are made from (bench.mjs). Resolves to the part of the JSON that is about
 * it, see result.mjs.
 */
export async function runSuite(name, suite, bench, contenders) {
  const start = performance.now();
  const figures = suite.figures(bench.size);
  // So little work says that it runs, and nothing about what it takes.
  if (bench.mode === 'smoke') for (const figure of Object.values(figures)) figure.bars = [];
  const all = contenders.map((contender) => ({ ...contender, label: label(contender, bench.nodes.length > 1) }));
  const present = all.filter(
    ({ missing, label: own }) => !missing && (bench.only.length === 0 || bench.only.some((part) => own.includes(part))),
  );
  const samples = await collect(name, present, figures, bench.rounds);
  return result({
    name,
    title: suite.title,
    about: suite.about,
    rounds: bench.rounds,
    seconds: Number(((performance.now() - start) / 1000).toFixed(1)),
    missing: all.filter(({ missing }) => missing).map(({ label: own, missing }) => ({ name: own, install: missing })),
    contenders: present,
    figures,
    samples,
  });
}
