// The samples of the programs toolbox*.cjs. CPU time of the process: nothing in them waits for anything outside.
const sampleNanoseconds = 200e6;
const warmNanoseconds = 500e6;

/**
 * `benchmarks`: { name: async function (scale) }, which does a pass of its work, smaller by `scale`, and resolves to
 * `{ elapsed, operations }`. One sample of each in nanoseconds per operation, after some for warming up.
 */
exports.sample = async function sample(benchmarks, scale) {
  const samples = {};
  for (const [name, pass] of Object.entries(benchmarks)) {
    for (let warm = 0; warm < warmNanoseconds;) warm += (await pass(scale / 10)).elapsed;
    let elapsed = 0;
    let operations = 0;
    // Here only: a forced collection throws away inline caches too, and each pass would have to learn again.
    globalThis.gc();
    await pass(scale);
    do {
      const one = await pass(scale);
      elapsed += one.elapsed;
      operations += one.operations;
    } while (elapsed < sampleNanoseconds);
    samples[name] = elapsed / operations;
  }
  return samples;
};

exports.cpuNanosecondsSince = function cpuNanosecondsSince(start) {
  const { user, system } = process.cpuUsage(start);
  return (user + system) * 1000;
};

/** What every peer does, in its own words: see README.md. */
exports.sizes = {
  items: 100_000,
  parties: 100,
  turns: 1000,
  waiters: 10_000,
  broadcasts: 10,
  places: 1000,
  jobs: 100_000,
  generations: 100,
  leaves: 10_000,
};

exports.scaled = (number, scale) => Math.max(1, Math.round(number * scale));

/** The sum of all leaves' numbers, so that a skynet that has lost one is found out. */
exports.checkSum = function checkSum(sum, generations) {
  const all = generations * exports.sizes.leaves;
  if (sum !== (all * (all - 1)) / 2) throw new Error(`skynet: ${sum} of ${all} leaves`);
};
