// npm run bench -- [suite]... [--quick | --smoke] [--rounds N] [--major M]... [--only NAME]... [--json FILE]: see README.md.
import { buildAddon, buildAddonFor, runningNode } from '../scripts/lib/addon.mjs';
import { ensureInstalled } from '../scripts/lib/dependencies.mjs';
import { Failure, main } from '../scripts/lib/run.mjs';
import { buildTypeScript } from '../scripts/lib/typescript.mjs';

async function nodesFor(majors) {
  const nodes = [];
  for (const major of majors) nodes.push(await buildAddon(major));
  if (nodes.length > 0) return nodes;
  const node = runningNode();
  await buildAddonFor(node);
  return [node];
}

await main(async (args) => {
  await ensureInstalled();
  // Not before: they import what has just been installed.
  const { makeBench } = await import('./lib/bench.mjs');
  const { emptyDocument, writeDocument } = await import('./lib/document.mjs');
  const { describe } = await import('./lib/machine.mjs');
  const { parseOptions } = await import('./lib/options.mjs');
  const { suiteText } = await import('./lib/show.mjs');
  const { runSuite } = await import('./lib/suite.mjs');
  const { loadSuite, suiteNames } = await import('./lib/suites.mjs');

  const options = parseOptions(args, suiteNames);
  await buildTypeScript();
  const nodes = await nodesFor(options.majors);
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
  const broken = document.suites.flatMap(({ figures }) =>
    figures.flatMap(({ bars }) => bars.filter((bar) => bar.must && !bar.met)),
  );
  if (broken.length > 0) throw new Failure('a bar that must hold does not: see above');
});
