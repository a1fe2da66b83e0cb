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

/** Each sample divided by the other's of the same round: what disturbed a round disturbed both. */
export const paired = (samples, others) => samples.map((value, round) => value / others[round]);
