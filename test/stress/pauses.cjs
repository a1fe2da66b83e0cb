// The ways to suspend: each comes back with what it waited for, or throws exactly what it must.
const { EventEmitter } = require('node:events');
const { stat } = require('node:fs/promises');
const { asyncToGreen, blocking, greenToAsync, iterate, once, sleep, spawn, Timeout, wait } = require('verdant');
const { mustThrow } = require('./fail.cjs');
const { counts, storage, timeIsUp } = require('./subject.cjs');

const never = () => new Promise(() => undefined);
const ownTimeout = (error) => error?.code === 'ERR_VERDANT_TIMEOUT' && !(error instanceof Timeout);

function settlesTo(start) {
  return (subject) => {
    const token = { token: subject.random.next() };
    const got = wait(start(token, subject));
    subject.check(got === token, 'wait() gave something else');
  };
}

const echo = asyncToGreen(async (value) => {
  await null;
  return value;
});

const client = blocking({
  async query(value) {
    await new Promise((resolve) => setImmediate(resolve));
    return { value, self: this };
  },
});

/** Node 20 takes any options for those of a minor GC. */
function collect(kind) {
  if (kind === 'major') globalThis.gc();
  else globalThis.gc({ type: 'minor', execution: 'sync' });
}

const pauses = [
  [40, () => sleep(0)],
  [8, ({ random }) => sleep(random.int(1, 4))],
  [10, settlesTo((token) => Promise.resolve(token))],
  [6, settlesTo((token) => new Promise((resolve) => setImmediate(resolve, token)))],
  [4, settlesTo((token, { random }) => new Promise((resolve) => setTimeout(resolve, random.int(0, 4), token)))],
  [4, settlesTo((token) => new Promise((resolve) => queueMicrotask(() => resolve(token))))],
  [4, settlesTo((token) => new Promise((resolve) => process.nextTick(resolve, token)))],
  [3, settlesTo((token) => ({ then: (resolve) => void setImmediate(resolve, token) }))],
  [3, settlesTo((token) => greenToAsync((value) => (sleep(0), value))(token))],
  [
    4,
    settlesTo(async (token, subject) => {
      const { store } = subject;
      await null;
      subject.check(storage.getStore() === store, 'an async function lost the store');
      const value = await spawn(() => {
        sleep(0);
        subject.check(storage.getStore() === store, 'a green thread spawned by an async function lost the store');
        return token;
      });
      subject.check(storage.getStore() === store, 'awaiting a green thread lost the store');
      return value;
    }),
  ],
  [
    4,
    (subject) => {
      const error = new Error('expected');
      const rejected = new Promise((_, reject) => setImmediate(reject, error));
      rejected.catch(() => undefined); // a kill may come before wait() looks at it
      mustThrow(
        () => wait(rejected),
        (thrown) => thrown === error,
        'a rejected promise',
      );
      subject.check(error.message === 'expected', 'the error was changed');
    },
  ],
  [
    3,
    ({ random }) => {
      mustThrow(() => wait(never(), { timeout: random.int(0, 3) }), ownTimeout, 'a timeout');
      counts.timeouts += 1;
    },
  ],
  [
    3,
    () => {
      const controller = new AbortController();
      const reason = { aborted: true };
      setImmediate(() => controller.abort(reason));
      mustThrow(
        () => wait(never(), { signal: controller.signal }),
        (thrown) => thrown === reason,
        'an abort',
      );
    },
  ],
  [
    4,
    (subject) => {
      const emitter = new EventEmitter();
      setImmediate(() => emitter.emit('news', subject.name, 7));
      const news = once(emitter, 'news');
      subject.check(news.length === 2 && news[0] === subject.name, 'once() gave something else');
      subject.check(emitter.listenerCount('news') === 0, 'once() left a listener');
    },
  ],
  [
    2,
    (subject) => {
      const seen = [];
      const source = (async function* () {
        yield 1;
        await null;
        yield 2;
      })();
      for (const item of iterate(source)) seen.push(item);
      subject.check(seen.join() === '1,2', `iterate() gave ${seen}`);
    },
  ],
  [2, (subject) => subject.check(echo(subject) === subject, 'asyncToGreen gave something else')],
  [
    2,
    (subject) => {
      const { value, self } = client.query(subject);
      subject.check(value === subject && typeof self.query === 'function', 'blocking() gave something else');
    },
  ],
  [1, (subject) => subject.check(wait(stat('.')).isDirectory(), 'stat() gave something else')],
  [
    1,
    (subject) => {
      collect(subject.random.chance(0.85) ? 'minor' : 'major');
      sleep(0);
    },
  ],
  [
    4,
    (subject) => {
      const piles = Array.from({ length: 64 }, (_, index) => ({ index, text: `${subject.name}:${index}` }));
      sleep(0);
      for (const [index, pile] of piles.entries()) {
        subject.check(pile.index === index && pile.text === `${subject.name}:${index}`, 'the heap is damaged');
      }
    },
  ],
];

/** Suspends in some way and checks that nothing of the subject's own has changed; a number that depends on locals. */
function pause(subject) {
  if (subject.budget <= 0 || timeIsUp()) return 0;
  subject.budget -= 1;
  const { random } = subject;
  const number = random.next();
  const half = number / 2;
  const text = `${subject.name}/${number}`;
  const object = { number, list: [number, text], at: subject.path.length };
  const path = subject.path.join();
  const kind = random.weighted(pauses);
  counts.suspensions += 1;
  try {
    kind(subject);
  } finally {
    subject.verify('after a suspension');
    const same =
      half * 2 === number &&
      text === `${subject.name}/${number}` &&
      object.number === number &&
      object.list[1] === text &&
      object.at === subject.path.length &&
      path === subject.path.join();
    subject.check(same, `locals changed: ${number} ${half} ${text} ${JSON.stringify(object)}`);
  }
  return 0;
}

module.exports = { collect, never, pause };
