// The command line of the benchmarks, what it takes and what it refuses.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { at } from '../../../scripts/lib/paths.mjs';
import { parseOptions } from '../../../benchmarks/lib/options.mjs';
import { loadSuite, suiteNames } from '../../../benchmarks/lib/suites.mjs';

const known = ['one', 'two'];
const parse = (...args) => parseOptions(args, known);

assert.deepEqual(parse(), { suites: known, mode: 'full', rounds: undefined, majors: [24], only: [], json: undefined });
assert.deepEqual(parse('two', 'two', '--quick', '--rounds', '3', '--major', '24', '--only', 'Go', '--json', 'a.json'), {
  suites: ['two'],
  mode: 'quick',
  rounds: 3,
  majors: [24],
  only: ['Go'],
  json: 'a.json',
});
assert.equal(parse('--smoke').mode, 'smoke');
assert.deepEqual(parse('--smoke').majors, []);
assert.deepEqual(parse('--major', '20', '--major', '26').majors, [20, 26]);
assert.throws(() => parse('three'), /no such suite: 'three'; there are one, two/);
assert.throws(() => parse('--rounds', '0'), /--rounds/);
assert.throws(() => parse('--rounds', '1.5'), /--rounds/);
assert.throws(() => parse('--major', '18'), /--major/);
assert.throws(() => parse('--quick', '--smoke'), /not both/);
assert.throws(() => parse('--unheard'), /--unheard/);

assert.deepEqual(readdirSync(at('benchmarks/suites')).sort(), suiteNames.map((name) => `${name}.mjs`).sort());
for (const name of suiteNames) {
  const suite = await loadSuite(name);
  for (const mode of ['full', 'quick', 'smoke']) {
    const { rounds, ...size } = suite.sizes[mode];
    assert.ok(rounds >= 1, `${name}: rounds`);
    const figures = Object.values(suite.figures(size));
    assert.ok(figures.length > 0 && figures.every(({ title, unit }) => title && unit), `${name}: figures`);
  }
}
console.log('ok');
