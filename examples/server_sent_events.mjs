// node examples/server_sent_events.mjs [--port 3004], then `curl -N 127.0.0.1:3004` in several terminals: each is told, as
// an event, what somebody sends by `curl -d 'good news' 127.0.0.1:3004`. Who comes back has missed nothing.
import { parseArgs } from 'node:util';
import { Event, withTimeout } from 'verdant';
import { Response, serve } from 'verdant/http';

const { values } = parseArgs({ options: { port: { type: 'string', default: '3004' } } });
const news = [];
let more = new Event();

function publish(text) {
  news.push(text.replaceAll(/\r?\n/g, '\ndata: '));
  more.send(true);
  more = new Event();
  return new Response(null, { status: 204 });
}

/** What the client does not know yet, and then what comes. The signal ends the waiting when the client goes away. */
function* events(known, signal) {
  try {
    for (;;) {
      for (; known < news.length; known += 1) yield `id: ${known + 1}\ndata: ${news[known]}\n\n`;
      if (!withTimeout(15_000, () => more.wait({ signal }), { value: false })) yield ': still here\n\n';
    }
  } finally {
    console.log('a listener has gone');
  }
}

function handle(request) {
  if (request.method === 'POST') return publish(request.text());
  const known = Math.max(0, Number(request.headers.get('last-event-id')) || 0);
  return new Response(events(known, request.signal), { headers: { 'content-type': 'text/event-stream' } });
}

const server = serve(`127.0.0.1:${values.port}`, handle);
process.once('SIGINT', () => void server.closeAsync({ timeout: 100 }));
console.log(`listening on 127.0.0.1:${server.address.port}`);
