// The samples of the programs toolbox*.cjs. CPU time of the process: nothing in them waits for anything outside.
/**
 * `find(title)` is an async function (scale), which does a pass of its work, smaller by `scale`, and resolves to
 * `{ elapsed, operations }`. One sample of each title in nanoseconds per operation, after some for warming up. `args`:
 * <scale> <milliseconds of a sample> <title>...
 */
exports.main = async function main(find, args) {
  const [scale, milliseconds] = args.slice(0, 2).map(Number);
  const samples = {};
  for (const title of args.slice(2)) {
    const pass = find(title);
    if (pass === undefined) continue; // this one has nothing like it
    for (let warm = 0; warm < 2.5e6 * milliseconds;) warm += (await pass(scale / 10)).elapsed;
    let elapsed = 0;
    let operations = 0;
    // Here only: a forced collection throws away inline caches too, and each pass would have to learn again.
    globalThis.gc();
    await pass(scale);
    do {
      const one = await pass(scale);
      elapsed += one.elapsed;
      operations += one.operations;
    } while (elapsed < milliseconds * 1e6);
    samples[title] = elapsed / operations;
  }
  console.log(JSON.stringify(samples));
};

/** Of 'skynet 1000', the 1000; undefined of other titles. */
exports.leavesOf = (title) => (title.startsWith('skynet ') ? Number(title.slice(7)) : undefined);

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
  leaves: 1_000_000,
};

exports.scaled = (number, scale) => Math.max(1, Math.round(number * scale));

/** The sum of all leaves' numbers, so that a skynet that has lost one is found out. */
exports.checkSum = function checkSum(sum, all) {
  if (sum !== (all * (all - 1)) / 2) throw new Error(`skynet: ${sum} of ${all} leaves`);
};
