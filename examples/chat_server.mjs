// node examples/chat_server.mjs [--port 3001], then from several terminals `nc 127.0.0.1 3001`: everybody sees what the
// others type.
import { parseArgs } from 'node:util';
import { run } from 'verdant';
import { listen, serve } from 'verdant/net';

const { values } = parseArgs({ options: { port: { type: 'string', default: '3001' } } });
const participants = new Set();

/** What is on its way to one participant is kept in order; a slow one delays nobody but the one who speaks. */
function announce(speaker, line) {
  for (const { socket } of participants) {
    if (socket !== speaker) socket.sendAll(`${line}\n`, { timeout: 1000 });
  }
}

function chat(socket, { port }) {
  const participant = { socket };
  participants.add(participant);
  try {
    announce(socket, `* ${port} has come`);
    for (const line of socket.lines()) announce(socket, `${port}: ${line}`);
  } finally {
    participants.delete(participant);
  }
  announce(socket, `* ${port} has gone`);
}

await run(() => {
  const listener = listen({ host: '127.0.0.1', port: Number(values.port) });
  console.log(`listening on 127.0.0.1:${listener.address.port}`);
  process.once('SIGINT', () => listener.close());
  serve(listener, chat, { onError: (error) => console.error(error.message) });
});
