// npm run bench:report [-- results.json]: benchmarks/report/ and README.md's claims, from what `npm run bench -- --json` wrote.
// Without an argument, from the results that lie in benchmarks/report/.
import { readFileSync, writeFileSync } from 'node:fs';
import { at } from '../scripts/lib/paths.mjs';
import { Failure, main } from '../scripts/lib/run.mjs';
import { readDocument, writeDocument } from './lib/document.mjs';
import { readmeBlock, withBlock } from './lib/headlines.mjs';
import { htmlReport } from './lib/report_html.mjs';
import { markdownReport } from './lib/report_markdown.mjs';

const kept = at('benchmarks/report/results.json');

await main(([path = kept, ...rest]) => {
  if (rest.length > 0) throw new Failure('npm run bench:report [-- results.json]');
  const document = readDocument(path);
  const readme = withBlock(readFileSync(at('README.md'), 'utf8'), readmeBlock(document));
  if (readme === undefined) throw new Failure('README.md has lost the markers between which its claims stand');
  writeDocument(kept, document);
  writeFileSync(at('benchmarks/report/index.html'), htmlReport(document));
  writeFileSync(at('benchmarks/report/report.md'), markdownReport(document));
  writeFileSync(at('README.md'), readme);
  console.log('written: benchmarks/report/index.html, report.md and results.json, and the claims in README.md');
});
