// node --expose-gc program.cjs <seed> <milliseconds> [patience]: waves of green threads under random work until the time is up, then
// everything must be as before. See scripts/stress.mjs.
const { setImmediate: turn } = require('node:timers/promises');
const { sleep, spawn } = require('verdant');
const { getHub } = require('verdant/hub');
const { check, fail } = require('./fail.cjs');
const { frames } = require('./frames.cjs');
const { collect, pause } = require('./pauses.cjs');
const { Random } = require('./random.cjs');
const { scenarios, victims } = require('./scenarios.cjs');
const { clock, counts, storage, Subject, timeIsUp } = require('./subject.cjs');

const [seed, milliseconds, patience = 60_000] = process.argv.slice(2).map(Number);
const deepestFrame = 4;
const live = new Set();

/** What every callback of a native frame does: suspends, or goes into another frame. Always 0. */
function inner(subject) {
  if (subject.budget > 0 && subject.path.length < deepestFrame && subject.random.chance(0.2)) step(subject);
  else pause(subject);
  return 0;
}

function step(subject) {
  const { random } = subject;
  const among = subject.name.split('.').length > 3 || random.chance(0.7) ? frames : scenarios;
  const [name, work] = random.pick(among);
  if (among === frames) subject.inside(name, () => work(subject, () => inner(subject)));
  else subject.inside(name, () => work(subject, make, () => inner(subject)));
}

/** The body of a subject's green thread. */
function body(subject, store) {
  subject.begin(store);
  try {
    for (let steps = 0; subject.budget > 0 && steps < 200 && !timeIsUp(); steps += 1) {
      step(subject);
      subject.verify('after a step');
      subject.check(subject.open === 0 && subject.path.length === 0, 'frames are left open');
    }
    return subject.name;
  } catch (error) {
    if (!isExpected(subject, error)) fail(`${subject.name} ended in ${subject.path.join(' > ')}`, error);
    counts.kills += 1;
    if (error?.code === 'ERR_VERDANT_KILLED') meetAgain(subject, error);
    throw error;
  } finally {
    subject.verify('end');
    subject.check(subject.open === 0 && subject.path.length === 0, 'frames are left open at the end');
    counts.ended += 1;
  }
}

function isExpected(subject, error) {
  if (!subject.killed) return false;
  return subject.reason === undefined ? error?.code === 'ERR_VERDANT_KILLED' : error === subject.reason;
}

// A quiet kill that is swallowed comes again at every suspension.
function meetAgain(subject, error) {
  try {
    sleep(0);
  } catch (again) {
    if (again === error) return;
    fail(`${subject.name} met another error after a kill`, again);
  }
  fail(`${subject.name} escaped from a kill`);
}

let made = 0;

/** Spawns a child of `parent`, or one of main's own. */
function make(parent, options = {}) {
  made += 1;
  const name = parent === null ? `s${made}` : `${parent.name}.${made}`;
  const random = parent?.random ?? options.random;
  const child = new Subject(random.seed(), name, options);
  const store = { name };
  const thread = storage.run(store, () => spawn(body, child, store));
  const entry = { subject: child, thread };
  live.add(entry);
  let links = 0;
  thread.link((ended) => {
    links += 1;
    counts.links += 1;
    check(ended === thread && thread.dead && links === 1, `${name}: a link was called wrongly`);
    live.delete(entry);
    const expected = thread.state === 'done' ? thread.value === name : isExpected(child, thread.error);
    if (!expected) fail(`${name} ended as ${thread.state}`, thread.error);
  });
  if (child.victim && parent === null) victims.push(entry);
  return entry;
}

async function wave(random) {
  const size = random.pick([20, 200, 600, 2000]);
  const before = { links: counts.links, made };
  for (let n = 0; n < size && !timeIsUp(); n += 1) {
    make(null, { random, victim: random.chance(0.2) });
    if (n % 50 === 49) await disturb(random);
  }
  while (live.size > 0) await disturb(random);
  victims.length = 0;
  check(counts.links - before.links === made - before.made, 'some links were not called');
}

/** What goes on outside of green threads meanwhile. */
async function disturb(random) {
  const chance = random.next();
  if (timeIsUp()) await turn();
  else if (chance < 0.03) collect('major');
  else if (chance < 0.15) collect('minor');
  const token = { token: random.next() };
  const got = await new Promise((resolve) => {
    if (chance < 0.5) setImmediate(resolve, token);
    else setTimeout(resolve, random.int(0, 2), token);
  });
  check(got === token && storage.getStore() === undefined, 'main lost its own values');
}

async function atRest() {
  for (let rounds = 0; ; rounds += 1) {
    collect('major');
    await turn();
    const { greenThreads, ready, suspended, timers, stacks } = getHub().stats();
    const left = greenThreads + ready + suspended + timers + stacks.inUse;
    if (left === 0) break;
    if (rounds > 200) {
      const flows = getHub().suspendedFlows();
      fail(
        `something is left at the end:\n${flows
          .slice(0, 5)
          .map((flow) => flow.describe())
          .join('\n')}`,
      );
    }
  }
  check(counts.unwound === counts.orphans, `${counts.unwound} of ${counts.orphans} orphans were unwound`);
  check(counts.started === counts.ended, `${counts.started} subjects started, ${counts.ended} ended`);
}

// Lost wake-ups show as subjects that do not end although the loop goes on, without a single switch for a long time.
function watch() {
  let before = -1;
  const watchdog = setInterval(() => {
    const { switches } = getHub().stats();
    if (switches !== before) {
      before = switches;
      return;
    }
    const lines = [...live].slice(0, 10).map(({ subject, thread }) => {
      return `${subject.name} ${thread.state} in ${subject.path.join(' > ')}\n${thread.stack}`;
    });
    fail(`${live.size} green threads do not end:\n${lines.join('\n')}`);
  }, patience);
  watchdog.unref();
  getHub().on('deadlock', (error) => fail('deadlock', error));
}

async function main() {
  const random = new Random(seed);
  clock.end = performance.now() + milliseconds;
  watch();
  let waves = 0;
  for (; !timeIsUp(); waves += 1) await wave(random);
  await atRest();
  const { switches } = getHub().stats();
  console.log(JSON.stringify({ waves, ...counts, switches }));
}

for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => fail(event, error));
}
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') fail('a warning', warning);
});
main().catch((error) => fail('the program itself', error));
