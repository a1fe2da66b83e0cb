// Known answers, and what holds for any samples.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { agree, medianInterval, ratio, tail } from '../../../benchmarks/lib/interval.mjs';
import { median, paired, quantiles } from '../../../benchmarks/lib/statistics.mjs';

const samples = (size = {}) => fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, ...size });
const close = (one, other, tolerance = 1e-9) =>
  assert.ok(Math.abs(one - other) <= tolerance * Math.max(1, Math.abs(other)), `${one} is not ${other}`);

const checks = {
  'medians and quantiles of what is known'() {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.deepEqual(quantiles([1, 2, 3, 4, 5], [0, 0.25, 0.5, 0.75, 1]), [1, 2, 3, 4, 5]);
  },
  'medians lie among the samples and do not depend on their order'() {
    fc.assert(
      fc.property(samples(), (values) => {
        const middle = median(values);
        assert.ok(middle >= Math.min(...values) && middle <= Math.max(...values));
        assert.equal(middle, median([...values].reverse()));
      }),
    );
  },
  'pairs are those of one round: what disturbs a round disturbs no ratio'() {
    assert.deepEqual(paired([2, 6], [1, 2]), [2, 3]);
    fc.assert(
      fc.property(
        samples({ minLength: 2, maxLength: 9 }),
        fc.double({ min: 0.5, max: 4, noNaN: true }),
        (rounds, factor) => {
          const { value, low, high } = ratio(
            rounds.map((value) => value * factor),
            rounds,
          );
          close(value, factor);
          // Nothing is known better than to 1 %.
          close(low, factor / 1.01);
          close(high, factor * 1.01);
        },
      ),
      { numRuns: 25 },
    );
  },
  'a ratio turned round is the inverse, its interval, too'() {
    const pairs = fc.array(
      fc.tuple(fc.double({ min: 0.1, max: 100, noNaN: true }), fc.double({ min: 0.1, max: 100, noNaN: true })),
      {
        minLength: 2,
        maxLength: 9,
      },
    );
    fc.assert(
      fc.property(pairs, (rounds) => {
        const [one, other] = [0, 1].map((side) => rounds.map((round) => round[side]));
        const [there, back] = [ratio(one, other), ratio(other, one)];
        close(there.value, 1 / back.value);
        assert.ok(there.low <= there.value && there.value <= there.high);
        // Its resamples are others, mirrored: the same but for chance.
        assert.ok(agree(there, { low: 1 / back.high, high: 1 / back.low }));
      }),
      { numRuns: 25 },
    );
  },
  'one round has no interval, many have a narrow one'() {
    assert.deepEqual(ratio([2], [1]), { value: 2, low: null, high: null });
    const width = (count) => {
      const { low, high } = medianInterval(Array.from({ length: count }, (_, index) => (index % 10) + index / 1000));
      return high - low;
    };
    assert.ok(width(200) < width(20));
  },
  'the same samples have the same interval'() {
    assert.deepEqual(medianInterval([1, 5, 2, 8]), medianInterval([1, 5, 2, 8]));
  },
  'what is left out at the ends grows to 2.5 % from below'() {
    // Of Student's t with six degrees of freedom, 2.447: the normal distribution below -2.447 * sqrt(7 / 6).
    close(tail(7), 0.00411, 0.0002);
    close(tail(10_000), 0.025, 0.0002);
    for (let count = 3; count < 40; count += 1) assert.ok(tail(count) > tail(count - 1) && tail(count) < 0.025);
  },
  'intervals of 95 % hold the true median at least nine times out of ten'() {
    // Samples whose true median is known, from a generator that is always the same.
    let state = 1;
    const next = () => (state = (state * 48271) % 2147483647) / 2147483647;
    for (const count of [2, 3, 5, 7, 12]) {
      let held = 0;
      for (let trial = 0; trial < 60; trial += 1) {
        const { low, high } = medianInterval(Array.from({ length: count }, () => Math.log(next() / (1 - next()))));
        if (low <= 0 && high >= 0) held += 1;
      }
      assert.ok(held >= 54, `${held} of 60 with ${count} samples`);
    }
  },
  'intervals agree when they touch'() {
    assert.ok(agree({ low: 1, high: 2 }, { low: 2, high: 3 }));
    assert.ok(!agree({ low: 1, high: 2 }, { low: 2.1, high: 3 }));
  },
};

for (const check of Object.values(checks)) check();
console.log('ok');
