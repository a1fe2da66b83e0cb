// The report as Markdown: all tables.
import { describe } from './machine.mjs';
import { missingText } from './show.mjs';
import { tables } from './tables.mjs';

const cell = (text) => text.replaceAll('|', '\\|');
const row = (cells) => `| ${cells.map(cell).join(' | ')} |`;

const table = ({ title, columns, rows }) =>
  [
    `**${title}**`,
    '',
    row(columns),
    `|${columns.map((_, column) => (column === 0 ? '---|' : '---:|')).join('')}`,
    ...rows.map(row),
    '',
  ].join('\n');

const section = (suite) =>
  [
    `## ${suite.title} (\`${suite.name}\`)`,
    '',
    `${suite.about} ${suite.rounds} round${suite.rounds === 1 ? '' : 's'}, ${suite.seconds} s.`,
    '',
    ...missingText(suite).flatMap((line) => [`- ${line}`, '']),
    ...tables(suite).map(table),
  ].join('\n');

/** What the report says about where and when, a line each. */
export function circumstances({ date, commit, changed, mode, machine, versions }) {
  return [
    `${date.slice(0, 10)}, commit ${(commit ?? 'unknown').slice(0, 12)}${changed ? ' with changes' : ''}, ${mode}`,
    describe(machine),
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  ];
}

export function markdownReport(document) {
  const lines = circumstances(document).map((line) => `- ${line}`);
  return [
    '# Benchmarks of verdant',
    '',
    'Made by `npm run bench:report`; the methods stand in [../README.md](../README.md).',
    '',
    ...lines,
    '',
    ...document.suites.map(section),
  ].join('\n');
}
