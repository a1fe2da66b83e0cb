// What follows an upgrade is not HTTP: bytes, both ways, until both sides have said all.
import { spawn } from 'verdant';
import { takeOver } from 'verdant/http';
import { connect } from 'verdant/net';

/** To the end of one direction; the other one may go on. */
function pump(from, to) {
  for (let data = from.recv(); data.length > 0; data = from.recv()) to.sendAll(data);
  to.shutdown('write');
}

/** Asks the server as the client has asked, and leaves the rest to the two of them. */
export function tunnel(request, to, headers) {
  const server = connect(to, { timeout: 10_000 });
  try {
    headers.set('connection', 'upgrade');
    headers.set('upgrade', request.headers.get('upgrade'));
    const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
    server.sendAll(`${request.method} ${request.target} HTTP/1.1\r\n${lines.join('')}\r\n`);
    const { socket: client, head } = takeOver(request);
    server.sendAll(head);
    relay(client, server);
  } finally {
    server.close();
  }
}

function relay(client, server) {
  const back = spawn(pump, server, client);
  try {
    pump(client, server);
    back.wait();
  } finally {
    back.kill();
    client.close();
  }
}
