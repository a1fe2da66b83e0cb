// The benchmarks' machinery: statistics, suites, command line, claims. Each child is a module of checks, for jest cannot import
// what the benchmarks are made of.
import { expectOk } from '../support/children';

test.each(['statistics', 'suite', 'options', 'claims'])('%s', async (name) => {
  await expectOk(__dirname, `${name}.mjs`);
});
