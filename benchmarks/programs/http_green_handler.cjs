// <workload>: handlers that block, in a server of node:http; prints its port as JSON.
const { createServer } = require('node:http');
const { wait } = require('verdant');
const { greenHandler } = require('verdant/http');
const answer = require('./answer.cjs');
const handlers = require('./http_shapes.cjs');

// By events, as the server without verdant does: async iteration takes several times as long.
function readText(request) {
  const whole = new Promise((resolve, reject) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => resolve(text));
    request.on('error', reject);
  });
  return wait(whole);
}

const server = createServer(greenHandler(handlers(readText)[process.argv[2]]));
server.listen({ host: '127.0.0.1', port: 0, backlog: 2048 }, () => answer({ port: server.address().port }));
