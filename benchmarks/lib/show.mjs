// Results on the console.
import { tables } from './tables.mjs';

function printed({ title, columns, rows }) {
  const all = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])));
  return [title, ...all.map((row) => `  ${line(row).join('  ').trimEnd()}`), ''].join('\n');
}

/** Who is missing, and how to get it: never silently left out. */
export const missingText = ({ missing }) =>
  missing.map(({ name, install }) => `missing: ${name}; to have it: ${install}`);

export function suiteText(suite) {
  const rounds = `${suite.rounds} round${suite.rounds === 1 ? '' : 's'}, ${suite.seconds} s`;
  const lines = [`\n== ${suite.name}: ${suite.title} (${rounds})`, suite.about, ...missingText(suite), ''];
  return [...lines, ...tables(suite).map(printed)].join('\n');
}
