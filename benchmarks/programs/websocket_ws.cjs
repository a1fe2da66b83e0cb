// Echo server for WebSockets on the library ws, with callbacks; prints its port as JSON.
const { WebSocketServer } = require('ws');
const answer = require('./answer.cjs');

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 2048 });
server.on('connection', (socket) => {
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});
server.on('listening', () => answer({ port: server.address().port }));
