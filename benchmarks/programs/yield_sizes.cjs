// The samples of yield*.cjs: `pass(threads, times)` lets so many of them yield so many times each, and resolves to the
// nanoseconds of CPU time from the first of these switches to the last.
exports.main = async function main(pass, [switches, ...counts]) {
  const samples = {};
  for (const threads of counts) {
    const times = Math.max(1, Math.round(switches / threads));
    const passes = threads > 10_000 ? 1 : 3; // so many are their own warming up
    for (let i = 0; i < passes; i += 1) await pass(threads, times);
    const each = [];
    for (let i = 0; i < passes; i += 1) each.push((await pass(threads, times)) / (threads * times));
    samples[`yield ${threads}`] = each;
  }
  console.log(JSON.stringify(samples));
};

exports.cpuNanosecondsSince = function cpuNanosecondsSince(start) {
  const { user, system } = process.cpuUsage(start);
  return (user + system) * 1000;
};
