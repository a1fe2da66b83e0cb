// Passes on what it gets, in other pieces and at other times, and breaks some of the connections.
const { getCurrent, sleep, spawn } = require('verdant');
const { connect } = require('verdant/net');
const { plans } = require('./net_plan.cjs');
const { Random } = require('./random.cjs');

/** Thrown where the plan has the connection broken. */
class Broken extends Error {
  code = 'ERR_STRESS';
}

/** A handler of serve(). `tell` says whose connection it is. */
function relay(socket, tell) {
  const header = socket.recvLine();
  const plan = plans.get(Number(header));
  if (header === null || plan === undefined) return; // the client has gone already
  tell(plan);
  const server = connect(plan.server, { timeout: plan.patience });
  let failure = null;
  const down = spawn(() => {
    try {
      pump(plan, server, socket, false);
    } catch (error) {
      failure = { error };
      breakOff(plan, socket, server); // the other direction need not wait for what never comes
    }
  });
  try {
    pump(plan, socket, server, true);
    down.wait();
    if (failure !== null) throw failure.error;
  } catch (error) {
    if (error instanceof Broken) breakOff(plan, socket, server);
    throw error;
  } finally {
    down.kill();
    server.close();
  }
}

function breakOff({ fault }, client, server) {
  if (fault === 'reset both' || fault === 'reset client') client.close({ reset: true });
  if (fault === 'reset both' || fault === 'reset server') server.close({ reset: true });
  client.close();
  server.close();
}

function pump(plan, from, to, up) {
  const random = new Random(plan.seed + (up ? 2 : 3));
  const shape = plan.shapes[up ? 0 : 1];
  let left = plan.fault !== null && plan.faultUp === up ? plan.faultAfter : Infinity;
  for (;;) {
    const data = take(from, shape, random);
    if (data.length === 0) break;
    for (let at = 0; at < data.length;) {
      const size = Math.min(shape === 'split' ? random.int(1, 1_500) : data.length, data.length - at, left);
      if (size > 0) to.sendAll(data.subarray(at, at + size));
      at += size;
      left -= size;
      if (left === 0 && strike(plan, to)) return;
      if (shape === 'split' && random.chance(0.2)) sleep(0);
    }
  }
  to.shutdown('write');
}

function take(from, shape, random) {
  if (shape === 'delay') sleep(random.int(0, 3));
  if (shape !== 'gather') return from.recv(shape === 'split' ? random.int(1, 10_000) : undefined);
  try {
    return from.recvExactly(random.int(1, 30_000), { timeout: random.int(0, 3) });
  } catch (error) {
    if (error.code !== 'ERR_VERDANT_EOF' && error.code !== 'ERR_VERDANT_TIMEOUT') throw error;
    return from.recv();
  }
}

// True: this direction has ended early, the other goes on.
function strike({ fault }, to) {
  if (fault === 'half-close') {
    to.shutdown('write');
    return true;
  }
  if (fault === 'kill') {
    getCurrent().kill();
    sleep(0);
  }
  throw new Broken();
}

module.exports = { relay };
