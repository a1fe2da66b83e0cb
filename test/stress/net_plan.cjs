// What is to happen on each connection, drawn from the seed; all sides look it up by the connection's number.
const { Random } = require('./random.cjs');

/** By number. */
const plans = new Map();

// Content is cut out of this at a place that differs from connection to connection. Its length is a prime, so nothing that is
// lost, doubled or moved looks right by chance.
const block = Buffer.alloc(1_000_003);
for (let at = 0, bits = new Random(1); at < block.length; at += 1) block[at] = bits.int(0, 255);

/** `size` bytes of a connection's content, from `at` on. */
function content(plan, at, size) {
  const start = (plan.offset + at) % block.length;
  if (start + size <= block.length) return block.subarray(start, start + size);
  return Buffer.concat([block.subarray(start), block.subarray(0, size - (block.length - start))]);
}

function drawSize(random) {
  return random.weighted([
    [2, 0],
    [40, random.int(1, 100)],
    [40, random.int(100, 5_000)],
    [14, random.int(5_000, 70_000)],
    [3, random.int(70_000, 600_000)],
  ]);
}

function drawPlan(random, id, { proxies, servers, patience }) {
  const service = random.weighted([
    [5, 'echo'],
    [3, 'hash'],
    [2, 'lines'],
  ]);
  const size = drawSize(random);
  const interruption = random.weighted([
    [85, null],
    [6, 'kill'],
    [5, 'timeout'],
    [4, 'abort'],
  ]);
  // Of the proxy: after so many bytes in one of the directions.
  const fault = random.weighted([
    [75, null],
    [5, 'reset both'],
    [4, 'reset client'],
    [4, 'reset server'],
    [4, 'close'],
    [4, 'half-close'],
    [4, 'kill'],
  ]);
  const controller = new AbortController();
  const plan = {
    id,
    service,
    size,
    offset: random.int(0, block.length - 1),
    seed: random.seed(),
    proxy: random.pick(proxies),
    server: random.pick(servers),
    shapes: [drawShape(random), drawShape(random)],
    fault,
    faultAfter: random.int(0, size + 20),
    faultUp: random.chance(0.5),
    interruption,
    interruptAfter: random.int(0, 60),
    /** Whether it may end otherwise than well. */
    breaks: interruption !== null || fault !== null,
    patience,
    controller,
    reason: new Error('aborted on purpose'),
    options: {
      timeout: interruption === 'timeout' ? random.int(0, 4) : patience,
      signal: interruption === 'abort' ? controller.signal : undefined,
    },
    text: '',
  };
  plan.text = `connection ${id}: ${service} of ${size}, ${plan.shapes.join(' and ')}, fault: ${fault} after ${plan.faultAfter} ${
    plan.faultUp ? 'up' : 'down'
  }, interruption: ${interruption}`;
  plans.set(id, plan);
  return plan;
}

function drawShape(random) {
  return random.weighted([
    [4, 'straight'],
    [2, 'split'],
    [2, 'gather'],
    [1, 'delay'],
  ]);
}

module.exports = { content, drawPlan, plans };
