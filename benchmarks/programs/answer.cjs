// Prints what a server has to say, then answers every line on standard input with its memory after a full GC. Standard
// input is closed when whoever started it has gone: then the server ends, too.
module.exports = function answer(greeting) {
  console.log(JSON.stringify(greeting));
  process.stdin.on('data', () => {
    globalThis.gc();
    console.log(JSON.stringify(process.memoryUsage()));
  });
  process.stdin.on('end', () => process.exit());
};
