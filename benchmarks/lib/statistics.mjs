/** The value below which a share of the sorted samples lies. */
function quantile(sorted, share) {
  const at = (sorted.length - 1) * share;
  const [low, high] = [Math.floor(at), Math.ceil(at)];
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/** What the shares of the samples have not exceeded. */
export function quantiles(samples, shares) {
  const sorted = [...samples].sort((a, b) => a - b);
  return shares.map((share) => quantile(sorted, share));
}

export const median = (samples) => quantiles(samples, [0.5])[0];

/** Median, and the middle half of the samples as the spread. */
export function summary(samples, digits = 0) {
  const [least, q1, q2, q3] = quantiles(samples, [0, 0.25, 0.5, 0.75]).map((value) => Number(value.toFixed(digits)));
  return { median: q2, 'middle half': `${q1} to ${q3}`, least, samples: samples.length };
}

/** Median, and the middle half of the samples in brackets: for tables with many columns. */
export function brief(samples, digits = 0) {
  const { median: middle, 'middle half': half } = summary(samples, digits);
  return `${middle} [${half}]`;
}

/** Each sample divided by the other's of the same round: what disturbed a round disturbed both. */
export const paired = (samples, others) => samples.map((value, round) => value / others[round]);
