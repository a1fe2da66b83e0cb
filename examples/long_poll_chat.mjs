// node examples/long_poll_chat.mjs [--port 3005]. `curl -d 'hello' '127.0.0.1:3005/?name=ann'` says something;
// `curl '127.0.0.1:3005/?name=bob&after=0'` gets what was said after the first 0 things, and waits until there is something.
import { parseArgs } from 'node:util';
import { Event, isTimeout } from 'verdant';
import { Response, serve } from 'verdant/http';

const options = { port: { type: 'string', default: '3005' }, patience: { type: 'string', default: '30000' } };
const { values } = parseArgs({ options });
const said = [];
let more = new Event();

function say(line) {
  said.push(line);
  more.send();
  more = new Event();
}

/** What comes after the first ones; nothing when the time is up, and the client asks again. */
function listen(name, after, signal) {
  try {
    while (said.length <= after) more.wait({ timeout: Number(values.patience), signal });
  } catch (error) {
    if (signal.aborted) say(`* ${name} has gone`); // there is nobody any more who would get an answer
    if (!isTimeout(error)) throw error;
  }
  return Response.json({ next: Math.max(after, said.length), lines: said.slice(after) });
}

function chat(request) {
  const query = new URLSearchParams(request.search);
  const name = query.get('name') ?? 'somebody';
  if (request.method !== 'POST') return listen(name, Number(query.get('after')), request.signal);
  say(`${name}: ${request.text()}`);
  return new Response(null, { status: 204 });
}

const server = serve(`127.0.0.1:${values.port}`, chat);
process.once('SIGINT', () => void server.closeAsync({ timeout: 100 }));
console.log(`listening on 127.0.0.1:${server.address.port}`);
