// From samples to what is written down: medians with their spread, ratios with their intervals, bars met or missed.
import { ratio } from './interval.mjs';
import { quantiles } from './statistics.mjs';

const digits = (value) => value && Number(value.toPrecision(5));

function statistics({ label, ours }, samples) {
  const [least, low, median, high] = quantiles(samples, [0, 0.25, 0.5, 0.75]).map(digits);
  return { name: label, ours: Boolean(ours), median, low, high, least, samples: samples.map(digits) };
}

/** Who is measured against whom, as far as there is something to divide: ours against each other that runs on the same Node, or on none. */
function opponents(contenders) {
  // `of`: the same one of another commit, which is compared with nobody else.
  const comparable = (one, other) =>
    (!one.node || !other.node || one.node === other.node) && (other.of === undefined || other.of === one.name);
  return contenders
    .filter(({ ours }) => ours)
    .flatMap((one) => contenders.filter((other) => !other.ours && comparable(one, other)).map((other) => [one, other]));
}

/** How many times better ours is than the other: above 1 is better, whichever way the figure counts. */
function advantage(better, ours, others) {
  const { value, low, high } = better === 'more' ? ratio(ours, others) : ratio(others, ours);
  return { value: digits(value), low: digits(low), high: digits(high) };
}

const against = (bar, { ours, to }) => (!bar.ours || ours.startsWith(bar.ours)) && bar.to && to.startsWith(bar.to);

/** What a figure promises: a ratio to somebody (`to`, `least`), or a value (`most`). */
function verdicts(bars, contenders, ratios) {
  return bars.flatMap((bar) => {
    const measured = bar.to
      ? ratios.filter((each) => against(bar, each)).map(({ ours, to, value }) => ({ ours, to, value }))
      : contenders
          .filter(({ name, ours }) => ours && name.startsWith(bar.ours ?? ''))
          .map(({ name, median }) => ({ ours: name, value: median }));
    return measured.map((each) => ({
      ...each,
      least: bar.least,
      most: bar.most,
      must: bar.must,
      met: each.value >= (bar.least ?? -Infinity) && each.value <= (bar.most ?? Infinity),
    }));
  });
}

/** What one suite has to say; see README.md for the shape. */
export function result({ contenders, figures, samples, ...suite }) {
  const measured = Object.entries(figures).filter(([id]) => id in samples);
  return {
    ...suite,
    figures: measured.map(([id, { bars = [], better = 'less', compare = true, ...figure }]) => {
      const present = contenders.filter(({ label }) => label in samples[id]);
      const rows = present.map((contender) => statistics(contender, samples[id][contender.label]));
      const ratios = compare
        ? opponents(present.filter(({ label }) => samples[id][label].every((value) => value > 0))).map(
            ([one, other]) => ({
              ours: one.label,
              to: other.label,
              ...advantage(better, samples[id][one.label], samples[id][other.label]),
            }),
          )
        : [];
      return { id, ...figure, better, contenders: rows, ratios, bars: verdicts(bars, rows, ratios) };
    }),
  };
}
