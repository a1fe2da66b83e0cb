// <workload> <hub>: HTTP server on verdant, handlers in the shapes of node:http; prints its port as JSON.
const { useHub } = require('verdant/hub');
const { serve } = require('verdant/http');
const answer = require('./answer.cjs');
const handlers = require('./http_shapes.cjs');

useHub(process.argv[3]);
const handler = handlers((request) => request.text())[process.argv[2]];
const server = serve('127.0.0.1:0', handler);
answer({ port: server.address.port });
