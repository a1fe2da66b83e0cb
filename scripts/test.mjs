// npm test: everything that must hold on the running Node, in a fresh clone too. `npm test -- lint jest` runs some steps.
import { build } from './build.mjs';
import { needDebian } from './lib/debian.mjs';
import { jest } from './lib/jest.mjs';
import { at } from './lib/paths.mjs';
import { Failure, main, run, step } from './lib/run.mjs';

const script = (name) => () => run(process.execPath, [at('scripts', name)]);
const tool =
  (path, ...args) =>
  () =>
    run(process.execPath, [at('node_modules', path), ...args]);

// What fails fastest comes first; jest last, so that its summary closes the output.
const steps = {
  format: script('format.mjs'),
  types: script('types.mjs'),
  lint: tool('eslint/bin/eslint.js', '--max-warnings', '0', '.'),
  docs: tool('typedoc/bin/typedoc'),
  tidy: script('tidy.mjs'),
  cpp: () => run('bash', [at('scripts/cpp_tests.sh')]),
  jest: () => jest(process.execPath, []),
};

await main(async (args) => {
  const unknown = args.filter((name) => !(name in steps));
  if (unknown.length > 0) {
    throw new Failure(`no such step: ${unknown.join(', ')}; there are ${Object.keys(steps).join(', ')}`);
  }
  const chosen = args.length > 0 ? args : Object.keys(steps);
  await needDebian('build', 'lint', 'cpp');
  // Types of the tests and type-aware lint read dist/.
  await step('build', build);
  for (const name of Object.keys(steps)) {
    if (chosen.includes(name)) await step(name, steps[name]);
  }
});
