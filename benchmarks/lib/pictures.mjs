// Results as pictures, in SVG that takes its colours from the page. Drawn once for a phone and once for a desk: text of a picture
// that is scaled to fit would not be readable.
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const widths = { narrow: 330, wide: 760 };
const colours = 8;

const unique = (values) => [...new Set(values)];
const short = (name, most) => (name.length > most ? `${name.slice(0, most - 1)}…` : name);

/** Where a contender's value was, and how far it went; logarithms have no room for what is not positive. */
const drawable = ({ median, low }) => median > 0 && low > 0;

const pointOf = ({ name, ours, median, low, high }) => ({ name, ours, median, low, high });

/** `{ name: '--s3' }`: ours first, so that verdant has the same colour in all pictures. */
function colourOf(contenders) {
  const names = unique(contenders.toSorted((a, b) => Number(b.ours) - Number(a.ours)).map(({ name }) => name));
  return Object.fromEntries(names.map((name, index) => [name, `var(--s${index % colours})`]));
}

/** One figure: a row for each contender, with a dot at the median and a line over the middle half. */
function rows(figure) {
  const points = figure.contenders.filter(drawable).map(pointOf);
  if (points.length < 2) return null;
  return (size) => ({
    height: 76 + 22 * points.length,
    marginLeft: size === 'narrow' ? 118 : 190,
    marginRight: 16,
    marginBottom: 44,
    inset: 8,
    x: {
      type: 'log',
      grid: true,
      label: `${figure.unit}, ${figure.better} is better`,
      ticks: size === 'narrow' ? 3 : 7,
      tickFormat: '~s',
    },
    y: {
      label: null,
      domain: points.map(({ name }) => name),
      tickFormat: (name) => short(name, size === 'narrow' ? 18 : 30),
    },
    marks: [
      Plot.ruleY(points, { y: 'name', x1: 'low', x2: 'high', stroke: 'name', strokeWidth: 3, strokeOpacity: 0.5 }),
      Plot.dot(points, { y: 'name', x: 'median', fill: 'name', r: 4.5 }),
    ],
  });
}

const scaleOf = (values) => (values.some((value) => value <= 0) ? 'symlog' : 'log');

/** Figures that belong together, as lines: `at` is where on the axis each figure lies. */
function lines(figures, x, at, unit) {
  const points = figures.flatMap((figure) =>
    figure.contenders.filter(drawable).map((contender) => ({ ...pointOf(contender), at: at(figure) })),
  );
  if (unique(points.map((point) => point.at)).length < 2) return null;
  return (size) => ({
    height: size === 'narrow' ? 260 : 340,
    marginLeft: 52,
    marginRight: 18,
    marginBottom: 44,
    inset: 6,
    x: { ...x, label: x.label },
    y: { type: 'log', grid: true, label: unit, ticks: 5, tickFormat: '~s' },
    marks: [
      Plot.line(points, { x: 'at', y: 'median', z: 'name', stroke: 'name', strokeWidth: 2 }),
      Plot.ruleX(points, { x: 'at', y1: 'low', y2: 'high', stroke: 'name', strokeWidth: 3, strokeOpacity: 0.5 }),
      Plot.dot(points, { x: 'at', y: 'median', fill: 'name', r: 3.5 }),
    ],
  });
}

// Node 20 has no Object.groupBy.
function groupsBy(figures, key) {
  const groups = {};
  for (const figure of figures) (groups[key(figure)] ??= []).push(figure);
  return Object.values(groups);
}

function curves(figures) {
  return groupsBy(
    figures.filter(({ curve }) => curve),
    ({ curve }) => curve.id,
  ).map((group) => {
    const [{ curve, unit, better }] = group;
    const sizes = group.map((figure) => figure.curve.at);
    const x = { type: scaleOf(sizes), label: curve.axis, ticks: sizes, tickFormat: '~s' };
    const label = `${unit}, ${better} is better`;
    return {
      title: `${curve.title}, as ${curve.axis} grow`,
      figures: group,
      legend: true,
      options: lines(group, x, (figure) => figure.curve.at, label),
    };
  });
}

function percentiles(figures) {
  return groupsBy(
    figures.filter(({ percentile }) => percentile !== undefined),
    ({ table }) => table,
  ).map((group) => {
    const domain = group.map(({ percentile }) => `p${percentile}`);
    const x = { type: 'point', domain, label: 'percentile' };
    const options = lines(group, x, ({ percentile }) => `p${percentile}`, `${group[0].unit}, less is better`);
    return { title: `${group[0].table}: latencies`, figures: group, legend: true, options };
  });
}

function singles(figures) {
  return figures
    .filter(({ curve, percentile, list, ratios }) => !curve && percentile === undefined && !list && ratios.length > 0)
    .map((figure) => ({ title: figure.title, figures: [figure], options: rows(figure) }));
}

function draw({ title, figures, options }, size) {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const colour = colourOf(figures.flatMap(({ contenders }) => contenders));
  const svg = Plot.plot({
    document,
    width: widths[size],
    style: { background: 'none' },
    color: { domain: Object.keys(colour), range: Object.values(colour) },
    ...options(size),
  });
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', title);
  return svg.outerHTML;
}

/** The pictures of a suite: `{ title, legend: { name: colour } or null, svg: { narrow, wide } }`. */
export function pictures({ figures }) {
  return [...curves(figures), ...percentiles(figures), ...singles(figures)]
    .filter(({ options }) => options !== null)
    .map((picture) => ({
      title: picture.title,
      legend: picture.legend ? colourOf(picture.figures.flatMap(({ contenders }) => contenders)) : null,
      svg: Object.fromEntries(Object.keys(widths).map((size) => [size, draw(picture, size)])),
    }));
}
