// npm run bench -- [suite]... [--quick | --smoke] [--rounds N] [--major M]... [--only NAME]... [--json FILE]: see README.md.
import { ensureInstalled } from '../scripts/lib/dependencies.mjs';
import { Failure, main } from '../scripts/lib/run.mjs';

await main(async (args) => {
  await ensureInstalled();
  // Not before: they import what has just been installed.
  const { makeBench } = await import('./lib/bench.mjs');
  const { emptyDocument, writeDocument } = await import('./lib/document.mjs');
  const { describe } = await import('./lib/machine.mjs');
  const { parseOptions } = await import('./lib/options.mjs');
  const { setUp } = await import('./lib/setup.mjs');
  const { suiteText } = await import('./lib/show.mjs');
  const { runSuite } = await import('./lib/suite.mjs');
  const { loadSuite, suiteNames } = await import('./lib/suites.mjs');

  const options = parseOptions(args, suiteNames);
  const nodes = await setUp(options.majors);
  const document = emptyDocument({ ...options, nodes });
  console.log(`${describe(document.machine)}; ${options.mode}`);
  for (const name of options.suites) {
    const suite = await loadSuite(name);
    const bench = makeBench(suite, { ...options, nodes });
    const result = await runSuite(name, suite, bench, await suite.contenders(bench));
    document.suites.push(result);
    console.log(suiteText(result));
    // After each suite: an hour's work is not lost by the last one's failure.
    if (options.json) writeDocument(options.json, document);
  }
  const seconds = document.suites.reduce((sum, suite) => sum + suite.seconds, 0);
  console.log(`${document.suites.length} suites in ${(seconds / 60).toFixed(1)} minutes`);
  const bars = document.suites.flatMap(({ figures }) => figures.flatMap((figure) => figure.bars));
  if (bars.some(({ must, met }) => must && !met)) throw new Failure('a bar that must hold does not: see above');
});
