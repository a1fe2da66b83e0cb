// npm run bench:compare -- <ref> [suite]... [options of npm run bench]: this checkout beside another commit, in the same rounds.
// npm run bench:compare -- <one.json> <other.json>: do two runs of one commit agree within their own intervals?
import { ensureInstalled } from '../scripts/lib/dependencies.mjs';
import { Failure, main } from '../scripts/lib/run.mjs';

async function compareRuns(one, other) {
  const { agreement } = await import('./lib/agreement.mjs');
  const { readDocument } = await import('./lib/document.mjs');
  const { ratioText } = await import('./lib/tables.mjs');
  const { compared, apart } = agreement(readDocument(one), readDocument(other));
  for (const each of apart) console.log(`apart: ${each.name}: ${ratioText(each.one)} and ${ratioText(each.other)}`);
  const share = compared === 0 ? 0 : 1 - apart.length / compared;
  console.log(
    `${compared - apart.length} of ${compared} ratios agree within their intervals (${(share * 100).toFixed(1)} %)`,
  );
  if (share < 0.9) throw new Failure('fewer than 9 of 10 agree');
}

/** Those contenders that are verdant, here and there; what the other commit cannot do yet is named and left out. */
async function bothCommits(suite, here, there, ref) {
  const own = async (bench) => (await suite.contenders(bench)).filter((contender) => contender.ours || contender.own);
  const theirs = (await own(there)).map((contender) => {
    let works = true;
    return {
      ...contender,
      name: `${contender.name}, ${ref}`,
      ours: false,
      of: contender.name,
      async measure(step) {
        if (!works) return {};
        try {
          return await contender.measure(step);
        } catch (error) {
          works = false;
          console.error(`${contender.name} at ${ref} does not take part: ${error.message}`);
          return {};
        }
      },
    };
  });
  return [...(await own(here)).map((contender) => ({ ...contender, ours: true })), ...theirs];
}

async function compareCommits(ref, args) {
  const { makeBench } = await import('./lib/bench.mjs');
  const { emptyDocument, writeDocument } = await import('./lib/document.mjs');
  const { parseOptions } = await import('./lib/options.mjs');
  const { otherCommit } = await import('./lib/other_commit.mjs');
  const { setUp } = await import('./lib/setup.mjs');
  const { suiteText } = await import('./lib/show.mjs');
  const { runSuite } = await import('./lib/suite.mjs');
  const { loadSuite, suiteNames } = await import('./lib/suites.mjs');

  const options = parseOptions(args, suiteNames);
  const nodes = await setUp(options.majors);
  const { root, commit } = await otherCommit(ref, nodes);
  const document = { ...emptyDocument({ ...options, nodes }), comparedWith: commit };
  for (const name of options.suites) {
    const suite = await loadSuite(name);
    const here = makeBench(suite, { ...options, nodes });
    const contenders = await bothCommits(suite, here, makeBench(suite, { ...options, nodes, root }), ref);
    const result = await runSuite(name, suite, here, contenders);
    document.suites.push(result);
    console.log(suiteText(result));
    if (options.json) writeDocument(options.json, document);
  }
  const ratios = document.suites.flatMap(({ figures }) => figures.flatMap((figure) => figure.ratios));
  const sure = (test) => ratios.filter((each) => each.low !== null && test(each)).length;
  console.log(
    `of ${ratios.length} figures, the whole interval lies above 1 (better than ${ref}) in ${sure(({ low }) => low > 1)}, ` +
      `below (worse) in ${sure(({ high }) => high < 1)}`,
  );
}

await main(async ([first, second, ...rest]) => {
  await ensureInstalled();
  if (first === undefined || first.startsWith('-')) {
    throw new Failure('with which commit? npm run bench:compare -- <ref>');
  }
  if (first.endsWith('.json') && second !== undefined && rest.length === 0) await compareRuns(first, second);
  else await compareCommits(first, second === undefined ? [] : [second, ...rest]);
});
