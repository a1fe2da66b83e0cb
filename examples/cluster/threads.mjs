// node examples/cluster/threads.mjs [--port 3004] [--workers 4]: the echo server in several threads, with a hub in each.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, threadId, Worker } from 'node:worker_threads';
import { run } from 'verdant';
import { listen, serve } from 'verdant/net';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '3004' },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
});

function echo(socket) {
  for (let data = socket.recv(); data.length > 0; data = socket.recv()) socket.sendAll(data);
}

if (isMainThread) {
  const threads = Array.from({ length: Number(values.workers) }, () => {
    return new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
  });
  process.once('SIGTERM', () => threads.forEach((thread) => thread.postMessage('stop')));
} else {
  await run(() => {
    const listener = listen({ host: '127.0.0.1', port: Number(values.port) }, { reusePort: true });
    console.log(`thread ${threadId} listens on 127.0.0.1:${listener.address.port}`);
    parentPort.once('message', () => listener.close());
    serve(listener, echo, { onError: (error) => console.error(error.message) });
    parentPort.close();
  });
}
