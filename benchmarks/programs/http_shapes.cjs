// The workloads as handlers in the shapes of node:http that block: for verdant's own server, and for greenHandler.
const { startGreeter } = require('./http_blocking.cjs');

function send(response, type, body) {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/**
 * To be called when the hub has been chosen.
 * @param readText - reads a request's body, and blocks
 */
module.exports = function handlers(readText) {
  const greet = startGreeter();
  return {
    hello: (_request, response) => send(response, 'text/plain', 'Hello, world!\n'),
    echo: (request, response) => send(response, 'application/json', JSON.stringify(JSON.parse(readText(request)))),
    block: (_request, response) => send(response, 'text/plain', greet()),
  };
};
