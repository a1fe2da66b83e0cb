// <workload>: HTTP server on Fastify; prints its port as JSON.
const fastify = require('fastify');
const answer = require('./answer.cjs');

const server = fastify();
if (process.argv[2] === 'hello') server.get('/', (_request, reply) => reply.type('text/plain').send('Hello, world!\n'));
else server.post('/', (request, reply) => reply.send(request.body));
server.listen({ host: '127.0.0.1', port: 0, backlog: 2048 }, () => answer({ port: server.server.address().port }));
