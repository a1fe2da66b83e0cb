// Figures that come in families, so that suites need not spell them out.

const number = (value) => value.toLocaleString('en');

/**
 * A figure for each size, which make a curve: `{ 'yield 1000': … }`; `axis` is what grows. `headline` lists the sizes that
 * stand for the others, and a bar with `at` counts for those only.
 */
export function curve(id, sizes, axis, { title, headline = [], bars = [], ...figure }) {
  const at = (size) => ({
    ...figure,
    title: `${title}, ${number(size)} ${axis}`,
    table: title,
    column: number(size),
    curve: { id, title, axis, at: size },
    headline: headline.includes(size),
    bars: bars.filter((bar) => (bar.at ?? sizes).includes(size)),
  });
  return Object.fromEntries(sizes.map((size) => [`${id} ${size}`, at(size)]));
}
