// CPU profiles name the functions that green threads run, with the time they took.
const assert = require('node:assert');
const { Session } = require('node:inspector');
const { readdirSync, readFileSync } = require('node:fs');
const { run, sleep, spawn } = require('verdant');

function spin(milliseconds) {
  const end = performance.now() + milliseconds;
  let n = 0;
  while (performance.now() < end) n += Math.sqrt(n + 1);
  return n;
}
function greenWorkOne() {
  for (let i = 0; i < 20; i += 1) (spin(10), sleep(0));
}
function greenWorkTwo() {
  for (let i = 0; i < 20; i += 1) (spin(10), sleep(0));
}
function plainWork() {
  spin(150);
}

function assertProfile({ nodes, samples, timeDeltas }) {
  const parents = new Map();
  for (const node of nodes) for (const child of node.children ?? []) parents.set(child, node);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const time = { greenWorkOne: 0, greenWorkTwo: 0, plainWork: 0 };
  samples.forEach((id, i) => {
    for (let node = byId.get(id); node !== undefined; node = parents.get(node.id)) {
      const { functionName } = node.callFrame;
      if (Object.hasOwn(time, functionName)) time[functionName] += timeDeltas[i] / 1000;
    }
  });
  // 200 ms of work each for the green ones, 150 for main's
  for (const [name, milliseconds] of Object.entries(time)) assert.ok(milliseconds > 50, `${name}: ${milliseconds} ms`);
}

async function work() {
  await run(() => {
    const threads = [spawn(greenWorkOne), spawn(greenWorkTwo)];
    for (const thread of threads) thread.wait();
  });
  plainWork();
  const parked = spawn(() => sleep(Infinity));
  await run(() => sleep(0));
  parked.kill();
  await parked.catch(() => undefined);
}

async function throughInspector(startOnGreen) {
  const session = new Session();
  session.connect();
  const post = (method) =>
    new Promise((resolve, reject) =>
      session.post(method, (error, result) => (error ? reject(error) : resolve(result))),
    );
  await post('Profiler.enable');
  if (startOnGreen) await run(() => void session.post('Profiler.start'));
  else await post('Profiler.start');
  await work();
  const { profile } = await post('Profiler.stop');
  assertProfile(profile);
  session.disconnect();
}

async function main() {
  const mode = process.argv[2];
  if (mode === 'read') {
    const [file] = readdirSync('.').filter((name) => name.endsWith('.cpuprofile'));
    assertProfile(JSON.parse(readFileSync(file, 'utf8')));
  } else if (mode === 'work') {
    await work();
  } else {
    await throughInspector(mode === 'green');
  }
  console.log('ok');
}
main();
