// <hub>: echo server on verdant, a green thread for each connection; prints its port as JSON.
const { run } = require('verdant');
const { useHub } = require('verdant/hub');
const { listen, serve } = require('verdant/net');
const answer = require('./answer.cjs');

useHub(process.argv[2]);

function handle(socket) {
  for (;;) {
    const data = socket.recv();
    if (data.length === 0) break;
    socket.sendAll(data);
  }
}

run(() => {
  const listener = listen({ host: '127.0.0.1', port: 0 });
  answer({ port: listener.address.port });
  serve(listener, handle, { concurrency: 20_000 });
});
