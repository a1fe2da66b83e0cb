// <workload>: HTTP server on node:http, in the style that is quickest there; prints its port as JSON.
const { createServer } = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');
const answer = require('./answer.cjs');
const AsyncQueue = require('./async_queue.cjs');

function send(response, type, body) {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function hello(_request, response) {
  send(response, 'text/plain', 'Hello, world!\n');
}

function echo(request, response) {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => (text += chunk));
  request.on('end', () => send(response, 'application/json', JSON.stringify(JSON.parse(text))));
}

const jobs = new AsyncQueue();

async function work() {
  for (;;) {
    const { name, replies } = await jobs.get();
    replies.put(`Hello, ${name}!\n`);
  }
}

async function block(_request, response) {
  await sleep(1);
  const replies = new AsyncQueue();
  jobs.put({ name: 'world', replies });
  send(response, 'text/plain', await replies.get());
}

void work();
const server = createServer({ hello, echo, block }[process.argv[2]]);
server.listen({ host: '127.0.0.1', port: 0, backlog: 2048 }, () => answer({ port: server.address().port }));
