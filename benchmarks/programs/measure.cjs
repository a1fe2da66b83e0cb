// In one process: peers take turns, each sample as long as the others. What is measured is CPU time of the process, so
// that others on the machine disturb less; these programs never wait for anything. Runs on Node 14, too.
const sampleMilliseconds = 40;

/** `peers`: { name: async or plain function (n) that does the thing n times }. Nanoseconds each, as samples. */
module.exports = async function measure(peers, rounds) {
  const samples = {};
  const sizes = {};
  for (const name of Object.keys(peers)) {
    samples[name] = [];
    sizes[name] = await enough(peers[name]);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const name of Object.keys(peers)) samples[name].push((await time(peers[name], sizes[name])) / sizes[name]);
  }
  return samples;
};

async function time(work, n) {
  const start = process.cpuUsage();
  await work(n);
  const { user, system } = process.cpuUsage(start);
  return (user + system) * 1000;
}

async function enough(work) {
  for (let n = 64; ; n *= 2) if ((await time(work, n)) > sampleMilliseconds * 1e6) return n;
}
