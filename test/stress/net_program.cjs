// node --expose-gc net_program.cjs <seed> <connections> <milliseconds> [patience]: clients talk to servers through a proxy that
// delays, splits, gathers, resets and half-closes, while green threads are killed and interrupted; then everything must be
// as before. What reaches its end was the right bytes, or the beginning of them where the connection was broken on purpose.
const { mkdtempSync, readdirSync, rmSync } = require('node:fs');
const { join } = require('node:path');
const { tmpdir } = require('node:os');
const { setImmediate: turn } = require('node:timers/promises');
const { joinAll, run, sleep, spawn } = require('verdant');
const { getHub } = require('verdant/hub');
const { listen, serve } = require('verdant/net');
const { fail } = require('./fail.cjs');
const { talk } = require('./net_client.cjs');
const { relay } = require('./net_proxy.cjs');
const { drawPlan, plans } = require('./net_plan.cjs');
const { answer } = require('./net_server.cjs');
const { Random } = require('./random.cjs');

const [seed, connections, milliseconds, patience = 60_000] = process.argv.slice(2).map(Number);
const random = new Random(seed);

/** Clients at a time; each has four descriptors and five green threads, the servers' included. */
const crowd = 120;
/** A closed connection's pair of ports is taken for a minute: so many addresses are enough for several 100,000. */
const addresses = 24;

const counts = { connections: 0, whole: 0, broken: 0, bytes: 0, kills: 0, timeouts: 0, aborts: 0 };
const deadline = performance.now() + milliseconds;
const folder = mkdtempSync(join(tmpdir(), 'verdant-stress-net-'));

function listenEverywhere(count, firstHost) {
  return Array.from({ length: count }, (_, index) => listen(`127.0.${firstHost}.${index + 1}:0`, { backlog: 1024 }));
}

/** Serves all listeners with one handler. An error that the connection's plan does not allow for ends the program. */
function serveAll(listeners, handler) {
  return listeners.map((listener) => {
    const planOf = new WeakMap();
    return spawn({ name: handler.name }, () =>
      serve(listener, (socket) => handler(socket, (plan) => planOf.set(socket, plan)), {
        onError(error, socket) {
          const plan = planOf.get(socket);
          // Without a plan the client had gone before it said who it was.
          if (plan?.breaks === false || !isBroken(error)) fail(`${handler.name}: ${plan?.text ?? 'no plan'}`, error);
        },
      }),
    );
  });
}

/** What a broken connection may look like. */
function isBroken(error) {
  return ['ECONNRESET', 'EPIPE', 'ENOTCONN', 'ERR_VERDANT_EOF', 'ERR_VERDANT_CLOSED', 'ERR_STRESS'].includes(
    error?.code,
  );
}

function client(proxies, servers) {
  while (counts.connections < connections && performance.now() < deadline) {
    counts.connections += 1;
    const plan = drawPlan(random, counts.connections, { proxies, servers, patience });
    oneConnection(plan);
    plans.delete(plan.id);
  }
}

function oneConnection(plan) {
  const { interruption } = plan;
  let broken = null;
  const thread = spawn({ name: plan.text }, () => {
    try {
      const bytes = talk(plan); // first: others count meanwhile
      counts.bytes += bytes;
    } catch (error) {
      broken = error;
    }
  });
  if (interruption !== null) interrupt(thread, plan);
  thread.join();
  if (broken === null && thread.state === 'done') {
    counts.whole += 1;
    return;
  }
  counts.broken += 1;
  if (broken === null) return; // killed before it began
  if (broken.code === 'ERR_VERDANT_TIMEOUT') {
    if (interruption !== 'timeout') fail(`it hangs: ${plan.text}`, broken);
    counts.timeouts += 1;
    return;
  }
  const wanted = broken.code === 'ERR_VERDANT_KILLED' || broken === plan.reason || isBroken(broken);
  if (!plan.breaks || !wanted) fail(`client: ${plan.text}`, broken);
}

// At some point of the conversation, if it takes that long.
function interrupt(thread, plan) {
  for (let count = 0; count < plan.interruptAfter && !thread.dead; count += 1) sleep(count % 50 === 49 ? 1 : 0);
  if (thread.dead || plan.interruption === 'timeout') return;
  if (plan.interruption === 'kill') {
    counts.kills += 1;
    thread.kill();
  } else {
    counts.aborts += 1;
    plan.controller.abort(plan.reason);
  }
}

// Lost wake-ups show as green threads that stand still while the loop goes on.
function watch() {
  let before = -1;
  return setInterval(() => {
    const done = counts.whole + counts.broken;
    if (done === before) {
      const flows = getHub().suspendedFlows().slice(0, 40);
      fail(`nothing was finished for ${patience} ms\n${flows.map((flow) => flow.describe()).join('\n')}`);
    }
    before = done;
  }, patience);
}

const openDescriptors = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);

function wave(size) {
  const proxies = listenEverywhere(addresses, 1);
  const unix = listen({ path: join(folder, 'proxy') }, { backlog: 1024 });
  const servers = listenEverywhere(addresses, 2);
  const running = [...serveAll([...proxies, unix], relay), ...serveAll(servers, answer)];
  const where = (listeners) => listeners.map(({ address }) => address);
  joinAll(Array.from({ length: size }, () => spawn(client, where([...proxies, unix, unix]), where(servers))));
  for (const listener of [...proxies, unix, ...servers]) listener.close();
  for (const thread of running) thread.wait();
}

async function atRest(before) {
  for (let rounds = 0; ; rounds += 1) {
    globalThis.gc();
    await turn();
    const { greenThreads, ready, suspended, timers, listeners, stacks } = getHub().stats();
    const left = { greenThreads, ready, suspended, timers, listeners, stacks: stacks.inUse };
    left.descriptors = openDescriptors() - before;
    if (Object.values(left).every((count) => count <= 0)) return;
    if (rounds > 200) {
      const flows = getHub().suspendedFlows().slice(0, 5);
      fail(`something is left: ${JSON.stringify(left)}\n${flows.map((flow) => flow.describe()).join('\n')}`);
    }
  }
}

async function main() {
  // What is opened once and kept: the reactor, and Node's own.
  await run(() => listen('127.0.0.1:0').close());
  await run(() => {
    const listener = listen('127.0.0.1:0');
    try {
      listener.accept({ timeout: 1 });
    } catch {
      listener.close();
    }
  });
  const before = openDescriptors();
  const watchdog = watch();
  await run(wave, crowd);
  clearInterval(watchdog);
  rmSync(folder, { recursive: true });
  if (plans.size > 0) fail(`${plans.size} plans are left`);
  await atRest(before);
  const { switches } = getHub().stats();
  console.log(JSON.stringify({ hub: getHub().name, ...counts, switches }));
}

main().catch((error) => fail('main', error));
