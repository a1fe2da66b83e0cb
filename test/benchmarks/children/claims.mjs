// What README.md and benchmarks/report/ say is what the results there say.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { at } from '../../../scripts/lib/paths.mjs';
import { readDocument } from '../../../benchmarks/lib/document.mjs';
import { readmeBlock, withBlock } from '../../../benchmarks/lib/headlines.mjs';
import { htmlReport } from '../../../benchmarks/lib/report_html.mjs';
import { markdownReport } from '../../../benchmarks/lib/report_markdown.mjs';

const text = (path) => readFileSync(at(path), 'utf8');
const document = readDocument(at('benchmarks/report/results.json'));

assert.equal(text('README.md'), withBlock(text('README.md'), readmeBlock(document)), 'README.md: npm run bench:report');
assert.equal(text('benchmarks/report/report.md'), markdownReport(document));
assert.equal(text('benchmarks/report/index.html'), htmlReport(document));
console.log('ok');
