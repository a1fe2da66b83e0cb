// A suite is run with contenders that count instead of measuring.
import assert from 'node:assert/strict';
import { makeBench } from '../../../benchmarks/lib/bench.mjs';
import { curve } from '../../../benchmarks/lib/figures.mjs';
import { suiteText } from '../../../benchmarks/lib/show.mjs';
import { runSuite } from '../../../benchmarks/lib/suite.mjs';
import { tables } from '../../../benchmarks/lib/tables.mjs';

const suite = {
  title: 'Counting',
  about: 'How it counts.',
  sizes: { full: { rounds: 3, counts: [1, 10] }, smoke: { rounds: 1, counts: [1] } },
  figures: ({ counts }) => ({
    less: {
      title: 'less',
      unit: 'ns',
      bars: [
        { to: 'peer', least: 2 },
        { ours: 'verdant', most: 5 },
      ],
    },
    more: { title: 'more', unit: '1/s', better: 'more' },
    ...curve('grown', counts, 'things', { title: 'Grown', unit: 'ns', headline: [10], bars: [{ most: 1, at: [10] }] }),
  }),
};

async function measured(mode, options = {}) {
  const order = [];
  const contender = (name, factor, more = {}) => ({
    name,
    ...more,
    measure() {
      order.push(name);
      return { less: [factor, factor * 2, factor * 100], more: 10 * factor, 'grown 1': factor };
    },
  });
  const bench = makeBench(suite, { nodes: [], mode, ...options });
  const contenders = [
    contender('verdant', 2, { ours: true }),
    contender('peer', 6),
    contender('other', 3),
    { name: 'absent', missing: 'sudo apt-get install absent' },
  ];
  return { order, result: await runSuite('counting', suite, bench, contenders) };
}

const checks = {
  async 'rounds take turns, and each begins with another'() {
    const { order, result } = await measured('full');
    assert.deepEqual(order, ['verdant', 'peer', 'other', 'peer', 'other', 'verdant', 'other', 'verdant', 'peer']);
    assert.deepEqual(
      result.figures[0].contenders.map(({ samples }) => samples.length),
      [3, 3, 3],
    );
  },
  async 'of several steps, everybody takes one before anybody takes the next'() {
    const order = [];
    const contender = (name, steps) => ({ name, steps, measure: (step) => (order.push(`${name} ${step}`), {}) });
    const bench = makeBench(suite, { nodes: [], mode: 'full', rounds: 2 });
    await runSuite('counting', suite, bench, [contender('verdant', 2), contender('peer', 2), contender('other')]);
    const [first, second] = [order.slice(0, 5), order.slice(5)];
    assert.deepEqual(first, ['verdant 0', 'peer 0', 'other 0', 'verdant 1', 'peer 1']);
    assert.deepEqual(second, ['peer 0', 'other 0', 'verdant 0', 'peer 1', 'verdant 1']);
  },
  async 'a sample of several values is their median'() {
    const { result } = await measured('full');
    assert.deepEqual(result.figures[0].contenders[0].samples, [4, 4, 4]);
  },
  async 'a ratio above 1 is better, whichever way the figure counts'() {
    const { result } = await measured('full');
    const [less, more] = result.figures.map(({ ratios }) => ratios.find(({ to }) => to === 'peer').value);
    assert.deepEqual([less, more.toFixed(4)], [3, (1 / 3).toFixed(4)]);
  },
  async 'bars are met or missed'() {
    const { result } = await measured('full');
    assert.deepEqual(
      result.figures[0].bars.map(({ to, value, met }) => [to, value, met]),
      [
        ['peer', 3, true],
        [undefined, 4, true],
      ],
    );
    assert.deepEqual(result.figures.find(({ id }) => id === 'grown 1').bars, []);
  },
  async 'who is missing is named, with the command that brings it'() {
    const { result } = await measured('full');
    assert.deepEqual(result.missing, [{ name: 'absent', install: 'sudo apt-get install absent' }]);
    assert.match(suiteText(result), /missing: absent; to have it: sudo apt-get install absent/);
  },
  async 'rounds, and who takes part, can be chosen'() {
    const { order, result } = await measured('full', { rounds: 2, only: ['verd', 'other'] });
    assert.deepEqual(order, ['verdant', 'other', 'other', 'verdant']);
    assert.equal(result.rounds, 2);
  },
  async 'smoke has no bars, and one round no intervals'() {
    const { result } = await measured('smoke');
    assert.ok(result.figures.every(({ bars }) => bars.length === 0));
    assert.equal(result.figures[0].ratios[0].low, null);
    assert.ok(tables(result).length > 0);
  },
  async 'a figure that nobody has described is an error'() {
    const bench = makeBench(suite, { nodes: [], mode: 'smoke' });
    const contender = { name: 'verdant', measure: () => ({ unknown: 1 }) };
    await assert.rejects(runSuite('counting', suite, bench, [contender]), /'unknown'/);
  },
};

// The progress of what has no duration is of no interest.
process.stderr.write = () => true;

for (const check of Object.values(checks)) await check();
console.log('ok');
