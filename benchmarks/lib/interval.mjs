// A ratio and how far to trust it: the median of the rounds' ratios, with a bootstrap interval of 95 %.
import { median, paired, quantiles } from './statistics.mjs';

const resamples = 4000;

/** Numbers of 0 to 1, always the same: the same samples give the same interval, and a report can be made again. */
function random(state) {
  return () => {
    // A Weyl sequence through a mixer (splitmix, 32 bits).
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** The 97.5 % quantile of Student's t. From four degrees of freedom on, its expansion around the normal one is exact enough. */
function studentQuantile(freedom) {
  if (freedom < 4) return [12.706, 4.303, 3.182][freedom - 1];
  const z = 1.959964;
  return (
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3)
  );
}

/** The normal distribution below -z, for z >= 0: Abramowitz and Stegun 26.2.17, good to 1e-7. */
function normalTail(z) {
  const t = 1 / (1 + 0.2316419 * z);
  const terms = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const polynomial = terms.reduceRight((sum, term) => (sum + term) * t, 0);
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}

/**
 * Which share of the resampled medians to leave out at either end. Of few samples the bootstrap's spread is too small, by
 * about as much as Student's t differs from the normal distribution: so less is left out than 2.5 %.
 */
export function tail(count) {
  return normalTail(Math.sqrt(count / (count - 1)) * studentQuantile(count - 1));
}

/** Mean, and as much to both sides as Student's t gives: the interval for samples too few to be resampled. */
function studentInterval(samples) {
  const count = samples.length;
  const mean = samples.reduce((sum, value) => sum + value, 0) / count;
  const squares = samples.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const reach = studentQuantile(count - 1) * Math.sqrt(squares / (count - 1) / count);
  return { low: mean - reach, high: mean + reach };
}

/**
 * The interval in which the median of what was sampled lies; null of one sample, which has none. Below six samples not even all
 * from the least to the most would hold it 95 times out of 100, so it is at least as wide as Student's.
 */
export function medianInterval(samples) {
  if (samples.length < 2) return null;
  const next = random(samples.length);
  const medians = Array.from({ length: resamples }, () =>
    median(samples.map(() => samples[Math.floor(next() * samples.length)])),
  );
  const share = tail(samples.length);
  const [low, high] = quantiles(medians, [share, 1 - share]);
  if (samples.length >= 6) return { low, high };
  const student = studentInterval(samples);
  return { low: Math.min(low, student.low), high: Math.max(high, student.high) };
}

/**
 * No interval is narrower than this to either side: where code and pages happen to lie makes as much from one run to the next, and
 * the rounds of one run, which may all have the same luck, do not show it.
 */
const resolution = Math.log(1.01);

/**
 * How many times the one is the other, round by round: `{ value, low, high }`, the last two null after a single round. Taken
 * on logarithms, so that turning it round gives exactly the inverse.
 */
export function ratio(samples, others) {
  const logarithms = paired(samples, others).map(Math.log);
  const value = median(logarithms);
  const interval = medianInterval(logarithms);
  return {
    value: Math.exp(value),
    low: interval && Math.exp(Math.min(interval.low, value - resolution)),
    high: interval && Math.exp(Math.max(interval.high, value + resolution)),
  };
}

/** Do the intervals of two ratios have anything in common? */
export const agree = (one, other) => one.low <= other.high && other.low <= one.high;
