// A callback that the hub calls while it hands out what is ready runs Node's loop inside of itself, and more becomes ready.
const { run, spawn } = require('verdant');
const { getHub, useHub } = require('verdant/hub');
const { connect } = require('verdant/net');
const { serve } = require('verdant/http');
const deasync = require('verdant/deasync');

useHub(process.argv[2]);
let nested = 0;

function log() {
  if (getHub().current !== null) return;
  nested += 1;
  deasync.sleep(2);
}

function talk(address, text) {
  for (let count = 0; count < 10; count += 1) {
    const socket = connect(address);
    socket.sendAll(text);
    while (socket.recv(65_536, { timeout: 10_000 }).length > 0);
    socket.close();
  }
}

run(() => {
  const server = serve('127.0.0.1:0', () => 'ok', { log });
  const texts = ['garbage\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'];
  const clients = Array.from({ length: 20 }, (_, number) => spawn(talk, server.address, texts[number % 2]));
  for (const client of clients) client.wait();
  server.close();
  console.log(nested > 0 ? 'ok' : 'nothing was nested');
}).catch((error) => {
  console.error(error);
  process.exit(1);
});
