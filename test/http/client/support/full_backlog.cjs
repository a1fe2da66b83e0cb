// A port whose queue of connections is full, so that the kernel answers no further one: connecting to it takes for ever.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { connect } = require('node:net');

// Node cannot be kept from accepting in its own process; a stopped one accepts nothing.
const script = `
const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('node:fs').writeSync(1, server.address().port + '\\n');
  process.kill(process.pid, 'SIGSTOP');
});`;

exports.listenOnly = async () => {
  const child = spawn(process.execPath, ['--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const port = Number(line);
  const fillers = [];
  // Those that the queue takes connect; the first that does not is behind a full queue.
  for (;;) {
    const filler = connect({ port, host: '127.0.0.1' });
    filler.on('error', () => undefined);
    fillers.push(filler);
    const taken = await Promise.race([once(filler, 'connect').then(() => true), pause(100)]);
    if (taken !== true) break;
  }
  const close = async () => {
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
    await once(child, 'exit');
    child.stdout.destroy();
  };
  // The one that waits is no connection of the client's.
  fillers.at(-1).destroy();
  return { port, close };
};

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
