// node examples/tcp_proxy.mjs --to host:port [--port 3002]: passes on what it gets, in both directions.
import { parseArgs } from 'node:util';
import { run, spawn } from 'verdant';
import { connect, listen, serve } from 'verdant/net';

const { values } = parseArgs({
  options: { to: { type: 'string', default: '127.0.0.1:3000' }, port: { type: 'string', default: '3002' } },
});

/** To the end of one direction; the other one may go on. */
function pump(from, to) {
  for (let data = from.recv(); data.length > 0; data = from.recv()) to.sendAll(data);
  to.shutdown('write');
}

function relay(client) {
  const server = connect(values.to, { timeout: 10_000 });
  const back = spawn(pump, server, client);
  try {
    pump(client, server);
    back.wait();
  } finally {
    back.kill();
    server.close();
  }
}

await run(() => {
  const listener = listen({ host: '127.0.0.1', port: Number(values.port) });
  console.log(`listening on 127.0.0.1:${listener.address.port}`);
  process.once('SIGINT', () => listener.close());
  serve(listener, relay, { onError: (error) => console.error(error.message) });
});
