// Behaviours by their names, each to be run as a process of its own: `node <file> <name>` prints `ok` when it held.
module.exports = function cases(module, all) {
  module.exports = Object.keys(all);
  if (require.main !== module) return;
  const run = async () => {
    await all[process.argv[2]]();
    console.log('ok');
  };
  run().catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
};
