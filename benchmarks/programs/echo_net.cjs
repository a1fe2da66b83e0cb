// Echo server on node:net, with callbacks; prints its port as JSON.
const net = require('node:net');
const answer = require('./answer.cjs');

const server = net.createServer({ noDelay: true }, (socket) => {
  socket.on('data', (data) => socket.write(data));
});
server.listen({ host: '127.0.0.1', port: 0 }, () => answer({ port: server.address().port }));
