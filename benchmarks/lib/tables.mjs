// A suite's results as tables of text, `{ title, columns, rows }`: the console prints them, the report sets them.

const number = (value, digits) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: true });

/** As many digits as the size of the number asks for, or as the figure wants. */
export function quantity(value, digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)))) {
  return number(value, Math.min(digits, 6));
}

/** '1.25 [1.20, 1.31]', with digits enough to tell small ratios apart. */
export function ratioText({ value, low, high }) {
  const digits = value < 0.1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0;
  const text = number(value, digits);
  return low === null ? text : `${text} [${number(low, digits)}, ${number(high, digits)}]`;
}

function valueText({ median, low, high, samples }, digits) {
  return samples.length === 1
    ? quantity(median, digits)
    : `${quantity(median, digits)} [${quantity(low, digits)}, ${quantity(high, digits)}]`;
}

const unique = (values) => [...new Set(values)];
const grouped = (figures) =>
  unique(figures.map(({ table, title }) => table ?? title)).map((name) => [
    name,
    figures.filter(({ table, title }) => (table ?? title) === name),
  ]);

function values([name, figures]) {
  const rows = unique(figures.flatMap(({ contenders }) => contenders.map((contender) => contender.name)));
  return {
    title: `${name}: median [middle half]`,
    columns: ['', ...figures.map(({ column, title, unit }) => `${column ?? title}, ${unit}`)],
    rows: rows.map((row) => [
      row,
      ...figures.map(({ contenders, digits }) => {
        const contender = contenders.find((each) => each.name === row);
        return contender ? valueText(contender, digits) : '';
      }),
    ]),
  };
}

function ratios([name, figures]) {
  const compared = figures.filter((figure) => figure.ratios.length > 0);
  const pairs = unique(compared.flatMap((figure) => figure.ratios.map(({ ours, to }) => `${ours} : ${to}`)));
  return {
    title: `${name}: how many times better than the other [95 % interval]`,
    columns: ['', ...compared.map(({ column, title }) => column ?? title)],
    rows: pairs.map((pair) => [
      pair,
      ...compared.map((figure) => {
        const found = figure.ratios.find(({ ours, to }) => `${ours} : ${to}` === pair);
        return found ? ratioText(found) : '';
      }),
    ]),
  };
}

/** Figures that nobody is compared by: a row each. */
function list(name, figures) {
  const columns = unique(figures.flatMap(({ contenders }) => contenders.map((contender) => contender.name)));
  return {
    title: name,
    columns: ['', ...columns.map((column) => `${column}, ${figures[0].unit}`)],
    rows: figures.map(({ title, contenders, digits }) => [
      title,
      ...columns.map((column) => {
        const contender = contenders.find((each) => each.name === column);
        return contender ? quantity(contender.median, digits) : '';
      }),
    ]),
  };
}

const bound = ({ least, most }) => (least === undefined ? `at most ${quantity(most)}` : `at least ${quantity(least)}`);

function bars(figures) {
  return {
    title: 'bars',
    columns: ['', 'of', 'to', 'must be', 'is', ''],
    rows: figures.flatMap(({ title, bars: all }) =>
      all.map((bar) => [title, bar.ours, bar.to ?? '', bound(bar), quantity(bar.value), bar.met ? 'ok' : 'MISSED']),
    ),
  };
}

/** All tables of a suite, those with nothing in them left out. */
export function tables({ figures }) {
  const lists = unique(figures.flatMap((figure) => figure.list ?? []));
  const all = [
    ...grouped(figures.filter((figure) => !figure.list)).flatMap((group) => [values(group), ratios(group)]),
    ...lists.map((name) =>
      list(
        name,
        figures.filter((figure) => figure.list === name),
      ),
    ),
    bars(figures),
  ];
  return all.filter(({ rows }) => rows.length > 0);
}
