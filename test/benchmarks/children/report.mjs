// <results.json> <page>: the report of these results; the page is written for a browser to look at.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { agreement } from '../../../benchmarks/lib/agreement.mjs';
import { readDocument, writeDocument } from '../../../benchmarks/lib/document.mjs';
import { headlines, markers, readmeBlock, withBlock } from '../../../benchmarks/lib/headlines.mjs';
import { htmlReport } from '../../../benchmarks/lib/report_html.mjs';
import { markdownReport } from '../../../benchmarks/lib/report_markdown.mjs';

const [results, page] = process.argv.slice(2);
const document = readDocument(results);

const html = htmlReport(document);
const markdown = markdownReport(document);
for (const { title, missing } of document.suites) {
  for (const text of [html, markdown]) assert.ok(text.includes(title), title);
  for (const { install } of missing) assert.ok(markdown.includes(install), install);
}
assert.ok(html.includes('<svg'));
assert.equal(html, htmlReport(document), 'the same results make the same page');
assert.doesNotMatch(html, /NaN|undefined/);
assert.doesNotMatch(markdown, /NaN|undefined/);

assert.ok(headlines(document).length > 0);
const readme = `before\n${markers.join('\n')}\nafter\n`;
const filled = withBlock(readme, readmeBlock(document));
assert.equal(withBlock(filled, readmeBlock(document)), filled);
assert.ok(filled.startsWith('before\n') && filled.endsWith('\nafter\n'));
assert.equal(withBlock('no markers', 'block'), undefined);

const { compared, apart } = agreement(document, document);
assert.ok(compared > 0);
assert.deepEqual(apart, []);
const other = structuredClone(document);
const moved = other.suites[0].figures[0].ratios[0];
Object.assign(moved, { value: moved.value * 100, low: moved.low * 100, high: moved.high * 100 });
assert.equal(agreement(document, other).apart.length, 1);

writeDocument(`${page}.json`, document);
assert.deepEqual(readDocument(`${page}.json`), document);
writeFileSync(page, html);
console.log('ok');
