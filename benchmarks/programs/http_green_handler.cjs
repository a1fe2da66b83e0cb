// <workload>: handlers that block, in a server of node:http; prints its port as JSON.
const { createServer } = require('node:http');
const { greenHandler } = require('verdant/http');
const answer = require('./answer.cjs');
const handlers = require('./http_shapes.cjs');

const server = createServer(greenHandler(handlers()[process.argv[2]]));
server.listen({ host: '127.0.0.1', port: 0, backlog: 2048 }, () => answer({ port: server.address().port }));
