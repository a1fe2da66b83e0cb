// node examples/echo_server.mjs [--host 127.0.0.1] [--port 3000]: sends back whatever it is sent.
import { parseArgs } from 'node:util';
import { run } from 'verdant';
import { listen, serve } from 'verdant/net';

const { values } = parseArgs({
  options: { host: { type: 'string', default: '127.0.0.1' }, port: { type: 'string', default: '3000' } },
});

function echo(socket) {
  for (let data = socket.recv(); data.length > 0; data = socket.recv()) socket.sendAll(data);
}

await run(() => {
  const listener = listen({ host: values.host, port: Number(values.port) });
  console.log(`listening on ${listener.address.host}:${listener.address.port}`);
  process.once('SIGINT', () => listener.close());
  serve(listener, echo, { onError: (error) => console.error(error.message) });
});
