// The report as one page that needs nothing else: pictures, then the tables they were drawn from.
import { readFileSync } from 'node:fs';
import { at } from '../../scripts/lib/paths.mjs';
import { pictures } from './pictures.mjs';
import { circumstances } from './report_markdown.mjs';
import { missingText } from './show.mjs';
import { tables } from './tables.mjs';

const escape = (text) =>
  text.replace(/[&<>"]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[char]);
const element = (name, content, attributes = '') => `<${name}${attributes && ` ${attributes}`}>${content}</${name}>`;

function legend(colours) {
  const entries = Object.entries(colours).map(
    ([name, colour]) => `<span><i style="background:${colour}"></i>${escape(name)}</span>`,
  );
  return element('p', entries.join(' '), 'class="legend"');
}

const picture = ({ title, legend: colours, svg }) =>
  element(
    'figure',
    [
      element('figcaption', escape(title)),
      colours ? legend(colours) : '',
      ...Object.entries(svg).map(([size, drawing]) => element('div', drawing, `class="${size}"`)),
    ].join('\n'),
  );

function table({ title, columns, rows }) {
  const line = (cells, name) => element('tr', cells.map((text) => element(name, escape(text))).join(''));
  const body = [
    element('thead', line(columns, 'th')),
    element('tbody', rows.map((cells) => line(cells, 'td')).join('\n')),
  ].join('\n');
  return `${element('h3', escape(title))}\n${element('div', element('table', body), 'class="table" tabindex="0"')}`;
}

const section = (suite) =>
  element(
    'section',
    [
      element('h2', escape(suite.title)),
      element('p', escape(suite.about)),
      ...missingText(suite).map((line) => element('p', escape(line), 'class="missing"')),
      ...pictures(suite).map(picture),
      element('details', [element('summary', 'Tables'), ...tables(suite).map(table)].join('\n')),
    ].join('\n'),
    `id="${suite.name}"`,
  );

export function htmlReport(document) {
  const links = document.suites.map(({ name, title }) => element('a', escape(title), `href="#${name}"`));
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    // Else the browser would ask the server for one, and complain that there is none.
    '<link rel="icon" href="data:,">',
    '<title>Benchmarks of verdant</title>',
    element('style', readFileSync(at('benchmarks/lib/report.css'), 'utf8')),
    '</head>',
    '<body>',
    element('h1', 'Benchmarks of verdant'),
    ...circumstances(document).map((line) => element('p', escape(line), 'class="where"')),
    element(
      'p',
      'Dots are medians; the lines through them span the middle half of the rounds. Both axes are logarithmic.',
    ),
    element('nav', links.join(' ')),
    ...document.suites.map(section),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
