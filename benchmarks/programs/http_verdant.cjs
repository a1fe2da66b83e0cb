// <workload> <hub>: HTTP server on verdant, handlers in the web's shape; prints its port as JSON.
const { useHub } = require('verdant/hub');
const { serve, Response } = require('verdant/http');
const answer = require('./answer.cjs');
const { startGreeter } = require('./http_blocking.cjs');

useHub(process.argv[3]);
const greet = startGreeter();

const text = { headers: { 'content-type': 'text/plain' } };
const json = { headers: { 'content-type': 'application/json' } };

const handlers = {
  hello: () => new Response('Hello, world!\n', text),
  echo: (request) => new Response(JSON.stringify(request.json()), json),
  block: () => new Response(greet(), text),
};

const server = serve('127.0.0.1:0', handlers[process.argv[2]]);
answer({ port: server.address.port });
