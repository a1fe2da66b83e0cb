// One side of a conversation: sends and receives at the same time, and looks at each byte that comes back.
const { createHash } = require('node:crypto');
const { spawn } = require('verdant');
const { connect } = require('verdant/net');
const { fail } = require('./fail.cjs');
const { content } = require('./net_plan.cjs');
const { Random } = require('./random.cjs');

/** Has the conversation that is planned; gives the number of bytes that have come back. */
function talk(plan) {
  const socket = connect(plan.proxy, plan.options);
  try {
    socket.sendAll(`${plan.id}\n${plan.service} ${plan.id}\n`, plan.options);
    return plan.service === 'lines' ? pingPong(plan, socket) : duplex(plan, socket);
  } finally {
    socket.close({ reset: plan.breaks && plan.seed % 3 === 0 });
  }
}

function duplex(plan, socket) {
  let failure = null;
  const sender = spawn(() => {
    try {
      sendContent(plan, socket);
    } catch (error) {
      failure = { error };
    }
  });
  try {
    const bytes = plan.service === 'echo' ? receiveEcho(plan, socket) : receiveHash(plan, socket);
    sender.wait();
    if (failure !== null) throw failure.error;
    return bytes;
  } finally {
    sender.kill();
  }
}

function sendContent(plan, socket) {
  const random = new Random(plan.seed);
  const piece = (at) =>
    Math.min(
      plan.size - at,
      random.weighted([
        [3, random.int(1, 200)],
        [2, random.int(1, 20_000)],
        [1, 1e6],
      ]),
    );
  for (let at = 0; at < plan.size;) {
    const size = piece(at);
    const data = content(plan, at, size);
    if (random.chance(0.3)) {
      at += socket.send(data, plan.options);
    } else if (random.chance(0.5)) {
      const middle = random.int(0, size);
      socket.sendAll([data.subarray(0, middle), data.subarray(middle)], plan.options);
      at += size;
    } else {
      socket.sendAll(data, plan.options);
      at += size;
    }
  }
  socket.shutdown('write');
}

function receiveEcho(plan, socket) {
  const random = new Random(plan.seed + 1);
  const memory = Buffer.alloc(random.int(1, 5_000));
  let at = 0;
  for (;;) {
    const data = receive(plan, socket, random, memory);
    if (data.length === 0) break;
    const expected = content(plan, at, data.length);
    if (at + data.length > plan.size || !data.equals(expected)) fail(`wrong bytes at ${at} of ${plan.text}`);
    at += data.length;
  }
  if (at < plan.size) throw cutShort(plan, at);
  return at;
}

function receive(plan, socket, random, memory) {
  const chance = random.next();
  if (chance < 0.4) return socket.recv(undefined, plan.options);
  if (chance < 0.6) return socket.recv(random.int(1, 3_000), plan.options);
  if (chance < 0.8) return memory.subarray(0, socket.recvInto(memory, plan.options));
  try {
    return socket.recvExactly(random.int(1, 3_000), plan.options);
  } catch (error) {
    if (error.code !== 'ERR_VERDANT_EOF') throw error;
    return socket.recv(undefined, plan.options); // what is left, or the end
  }
}

function receiveHash(plan, socket) {
  const line = socket.recvLine(plan.options);
  if (line === null || line.length < 64 + 1) throw cutShort(plan, 0);
  const [size, hash] = line.split(' ');
  if (hash === undefined || hash.length < 64) throw cutShort(plan, 0);
  if (Number(size) > plan.size) fail(`the server got ${size} bytes of ${plan.text}`);
  const expected = createHash('sha256')
    .update(content(plan, 0, Number(size)))
    .digest('hex');
  if (hash !== expected) fail(`the server got other bytes of ${plan.text}`);
  if (socket.recv(undefined, plan.options).length > 0) fail(`something comes after the end of ${plan.text}`);
  if (Number(size) < plan.size) throw cutShort(plan, Number(size));
  return line.length;
}

function pingPong(plan, socket) {
  const random = new Random(plan.seed);
  let bytes = 0;
  for (let count = 0; count < 1 + (plan.size % 20); count += 1) {
    const line = content(plan, random.int(0, 1_000), random.int(0, 2_000)).toString('base64');
    socket.sendAll([line, random.chance(0.5) ? '\r\n' : '\n'], plan.options);
    const back = socket.recvLine(plan.options);
    if (back === null) throw cutShort(plan, bytes);
    if (back !== line && !(plan.breaks && line.startsWith(back))) fail(`a wrong line of ${plan.text}: ${back}`);
    if (back !== line) throw cutShort(plan, bytes);
    bytes += back.length + 1;
  }
  socket.shutdown();
  const rest = socket.recvLine(plan.options);
  if (rest !== null) fail(`something comes after the end of ${plan.text}: ${rest}`);
  return bytes;
}

function cutShort(plan, bytes) {
  return Object.assign(new Error(`the end after ${bytes} bytes of ${plan.text}`), { code: 'ERR_STRESS' });
}

module.exports = { talk };
