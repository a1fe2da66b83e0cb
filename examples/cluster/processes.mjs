// node examples/cluster/processes.mjs [--port 3003] [--workers 4]: the echo server in several processes. Each listens on the
// same port by itself, and the system spreads the connections over them.
import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { run } from 'verdant';
import { listen, serve } from 'verdant/net';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '3003' },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
});

function echo(socket) {
  for (let data = socket.recv(); data.length > 0; data = socket.recv()) socket.sendAll(data);
}

if (cluster.isPrimary) {
  for (let count = 0; count < Number(values.workers); count += 1) cluster.fork();
  process.once('SIGTERM', () => cluster.disconnect());
} else {
  await run(() => {
    const listener = listen({ host: '127.0.0.1', port: Number(values.port) }, { reusePort: true });
    console.log(`process ${process.pid} listens on 127.0.0.1:${listener.address.port}`);
    process.once('disconnect', () => listener.close());
    serve(listener, echo, { onError: (error) => console.error(error.message) });
  });
}
