// The samples of one contender, each at least so long. What is measured is CPU time of the process, so that others on the
// machine disturb less; these programs never wait for anything. Runs on Node 14, too.

/** `{ name: async or plain function (n) that does the thing n times }` to `{ name: [nanoseconds each] }`. */
module.exports = async function measure(cases, count, milliseconds) {
  const samples = {};
  for (const [name, work] of Object.entries(cases)) {
    const size = await enough(work, milliseconds);
    samples[name] = [];
    for (let i = 0; i < count; i += 1) samples[name].push((await time(work, size)) / size);
  }
  return samples;
};

async function time(work, n) {
  const start = process.cpuUsage();
  await work(n);
  const { user, system } = process.cpuUsage(start);
  return (user + system) * 1000;
}

async function enough(work, milliseconds) {
  for (let n = 64; ; n *= 2) if ((await time(work, n)) > milliseconds * 1e6) return n;
}
