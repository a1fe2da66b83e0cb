// node examples/reverse_proxy/server.mjs [--to 127.0.0.1:3000] [--port 3003]: passes requests on to another server, and its
// answers back. Bodies flow through, both ways, at the pace of the slower side; so do upgraded connections.
import { parseArgs } from 'node:util';
import { request, Response, serve } from 'verdant/http';
import { endToEnd, forwarded } from './headers.mjs';
import { tunnel } from './tunnel.mjs';

const { values } = parseArgs({
  options: { to: { type: 'string', default: '127.0.0.1:3000' }, port: { type: 'string', default: '3003' } },
});

function pass(incoming) {
  const headers = forwarded(incoming);
  if (incoming.headers.has('upgrade')) return tunnel(incoming, values.to, headers);
  const { method, body, signal, path, search } = incoming;
  const answer = request(`http://${values.to}${path}${search}`, { method, headers, body, signal });
  return new Response(answer.body, { status: answer.statusCode, headers: endToEnd(answer.headers) });
}

/** Nothing has been sent yet, or else the client sees its connection break. */
function badGateway(error) {
  return new Response(`${values.to} does not answer: ${error.message}\n`, { status: 502 });
}

const limits = { maxBodySize: Infinity, onError: badGateway };
const server = serve(`127.0.0.1:${values.port}`, pass, limits);
process.once('SIGINT', () => void server.closeAsync({ timeout: 100 }));
console.log(`listening on 127.0.0.1:${server.address.port}`);
