// The other end: echoes bytes, hashes them, or echoes lines.
const { createHash } = require('node:crypto');
const { plans } = require('./net_plan.cjs');

/** A handler of serve(). `tell` says whose connection it is. */
function answer(socket, tell) {
  const header = socket.recvLine();
  if (header === null) return; // it was broken before it said anything
  const [service, id] = header.split(' ');
  const plan = plans.get(Number(id));
  if (plan === undefined || plan.service !== service) return; // the header was cut short, or the client has gone
  tell(plan);
  services[service](socket);
}

const services = {
  echo(socket) {
    for (let data = socket.recv(); data.length > 0; data = socket.recv()) socket.sendAll(data);
  },
  hash(socket) {
    const hash = createHash('sha256');
    const memory = Buffer.alloc(8_192);
    let size = 0;
    for (let count = socket.recvInto(memory); count > 0; count = socket.recvInto(memory)) {
      hash.update(memory.subarray(0, count));
      size += count;
    }
    socket.sendAll(`${size} ${hash.digest('hex')}\n`);
  },
  lines(socket) {
    for (const line of socket.lines()) socket.sendAll([line, '\n']);
  },
};

module.exports = { answer };
