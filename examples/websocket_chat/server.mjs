// node examples/websocket_chat/server.mjs [--port 3007], then open http://127.0.0.1:3007 in several windows.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { spawn } from 'verdant';
import { Response, serve } from 'verdant/http';
import { webSocketHandler } from 'verdant/websocket';

const { values } = parseArgs({ options: { port: { type: 'string', default: '3007' } } });
const page = readFileSync(new URL('page.html', import.meta.url));
const participants = new Set();

/** Each on a green thread, so that nobody waits for one who is slow; who takes nothing for a second is cut off. */
function announce(line) {
  for (const ws of participants) spawn(() => ws.send(line, { timeout: 1000 })).catch(() => ws.terminate());
}

function converse(ws, request) {
  const name = new URLSearchParams(request.search).get('name') || 'somebody';
  participants.add(ws);
  announce(`* ${name} has come`);
  try {
    for (const line of ws) announce(`${name}: ${line}`);
  } finally {
    participants.delete(ws);
    announce(`* ${name} has gone`);
  }
}

const chat = webSocketHandler(converse, { maxPayload: 4096, heartbeat: 30_000 });
const server = serve(`127.0.0.1:${values.port}`, (request) => {
  if (request.path === '/chat') return chat(request);
  return new Response(page, { headers: { 'Content-Type': 'text/html' } });
});

process.once('SIGINT', () => {
  for (const ws of participants) ws.close(1001, 'The server goes down');
  void server.closeAsync({ timeout: 1000 });
});
console.log(`listening on http://127.0.0.1:${server.address.port}`);
