// The claims: what README.md says of verdant's speed, made from the report's data and nothing else.
import { quantity, ratioText } from './tables.mjs';

export const markers = ['<!-- benchmarks: begin -->', '<!-- benchmarks: end -->'];

const best = (figure, name) => figure.contenders.find((contender) => contender.name === name);

/** `{ title, ours, value, unit, ratios: [text] }` for each figure that stands for its suite, and each of ours in it. */
export function headlines({ suites }) {
  return suites.flatMap(({ title: suite, figures }) =>
    figures
      .filter(({ headline, ratios }) => headline && ratios.length > 0)
      .flatMap((figure) =>
        [...new Set(figure.ratios.map(({ ours }) => ours))].map((ours) => ({
          title: `${suite}: ${figure.title}`,
          ours,
          value: `${quantity(best(figure, ours).median, figure.digits)} ${figure.unit}`,
          ratios: figure.ratios.filter((each) => each.ours === ours).map((each) => `${each.to} ${ratioText(each)}`),
        })),
      ),
  );
}

const cell = (text) => text.replaceAll('|', '\\|');

/** What stands between the markers in README.md. */
export function readmeBlock(document) {
  const { machine, versions, date, commit, mode } = document;
  const rounds = document.suites.map((suite) => suite.rounds);
  const kind = mode === 'full' ? '' : ` (\`--${mode}\`: a rough look)`;
  const lines = [
    `Measured by \`npm run bench\`${kind} on ${machine.cpu}, ${machine.cpus} CPUs, Node ${versions.Node}, ${date.slice(0, 10)}, commit`,
    `${(commit ?? 'unknown').slice(0, 12)}; ${Math.min(...rounds)} to ${Math.max(...rounds)} rounds. A ratio says how many times better`,
    'verdant is than the other (below 1: worse), with its 95 % interval. All figures, with pictures:',
    '[benchmarks/report](benchmarks/report/report.md).',
    '',
    '| | verdant | | beside it |',
    '|---|---|---|---|',
    ...headlines(document).map(
      ({ title, ours, value, ratios }) => `| ${[title, ours, value, ratios.join('; ')].map(cell).join(' | ')} |`,
    ),
  ];
  return lines.join('\n');
}

/** README.md with the block replaced; undefined when it has no place for one. */
export function withBlock(readme, block) {
  const [begin, end] = markers.map((marker) => readme.indexOf(marker));
  if (begin < 0 || end < begin) return undefined;
  return `${readme.slice(0, begin + markers[0].length)}\n\n${block}\n\n${readme.slice(end)}`;
}
