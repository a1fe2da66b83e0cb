// The workloads as handlers in the shapes of node:http that block: for verdant's own server, and for greenHandler.
const { text } = require('node:stream/consumers');
const { wait } = require('verdant');
const { startGreeter } = require('./http_blocking.cjs');

function send(response, type, body) {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** To be called when the hub has been chosen. */
module.exports = function handlers() {
  const greet = startGreeter();
  return {
    hello: (_request, response) => send(response, 'text/plain', 'Hello, world!\n'),
    echo: (request, response) => send(response, 'application/json', JSON.stringify(JSON.parse(wait(text(request))))),
    block: (_request, response) => send(response, 'text/plain', greet()),
  };
};
