// <hub>: echo server for WebSockets on verdant, a green thread for each connection; prints its port as JSON.
const { createServer } = require('node:http');
const { useHub } = require('verdant/hub');
const { webSocketHandler } = require('verdant/websocket');
const answer = require('./answer.cjs');

useHub(process.argv[2]);

const echo = webSocketHandler((ws) => {
  for (const message of ws) ws.send(message);
});

const server = createServer().on('upgrade', echo);
server.listen({ host: '127.0.0.1', port: 0, backlog: 2048 }, () => answer({ port: server.address().port }));
