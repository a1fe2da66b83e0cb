// What happens between green threads: children, kills, timeouts, promises both ways, deep stacks, orphans.
const {
  greenToPromise,
  iwait,
  joinAll,
  killAll,
  promiseToGreen,
  sleep,
  spawn,
  spawnAfter,
  spawnAfterLocal,
  spawnN,
  Timeout,
  wait,
  withTimeout,
} = require('verdant');
const { check, mustThrow } = require('./fail.cjs');
const { never, pause } = require('./pauses.cjs');
const { counts, storage } = require('./subject.cjs');

/** Few at a time go deep: each then holds a megabyte of stack. */
const deep = { now: 0, most: 8 };
const victims = [];

/** Somebody knows of an error also when the subject is killed before it can look. */
const ignore = () => undefined;

function descend(subject, levels, atBottom) {
  if (levels === 0) return atBottom();
  const mark = levels * 1.5;
  const got = descend(subject, levels - 1, atBottom);
  if (mark !== levels * 1.5) subject.check(false, 'a frame of a deep recursion changed');
  return got + 1;
}

function overflow(subject, everyNth, level) {
  if (level > 500 && level % everyNth === 0) sleep(0);
  return overflow(subject, everyNth, level + 1) + 1;
}

function goingDeep(work) {
  if (deep.now >= deep.most) return;
  deep.now += 1;
  try {
    work();
  } finally {
    deep.now -= 1;
  }
}

/** A green thread that nobody can wake any more: after a GC it must be unwound. */
function orphan(name) {
  counts.orphans += 1;
  const local = { name };
  spawnN(() => {
    try {
      pauseForEver();
    } finally {
      check(local.name === name, 'an orphan lost its locals');
      counts.unwound += 1;
    }
  });
}

function pauseForEver() {
  [2, 1].sort(() => sleep(Infinity));
}

const scenarios = {
  child(subject, make) {
    const { subject: child, thread } = make(subject);
    const value = thread.wait();
    subject.check(
      value === child.name && thread.state === 'done' && thread.value === value,
      'a child gave something else',
    );
  },
  childJoined(subject, make) {
    const { thread } = make(subject);
    while (!thread.join({ timeout: subject.random.int(0, 5) })) pause(subject);
    subject.check(thread.dead && thread.state === 'done', 'join() came back too early');
  },
  children(subject, make) {
    const threads = Array.from({ length: subject.random.int(2, 5) }, () => make(subject).thread);
    const ended = subject.random.chance(0.5) ? joinAll(threads, { throwOnError: true }) : [...iwait(threads)];
    subject.check(new Set(ended).size === threads.length && ended.every((thread) => thread.dead), 'joinAll() lost one');
  },
  awaitedChildren(subject, make) {
    const made = Array.from({ length: 3 }, () => make(subject));
    const values = wait(Promise.all(made.map(({ thread }) => thread)));
    subject.check(
      values.join() === made.map(({ subject: { name } }) => name).join(),
      'Promise.all gave something else',
    );
  },
  killedChild(subject, make) {
    const reason = subject.random.chance(0.5) ? undefined : new Error('killed by its parent');
    const { subject: child, thread } = make(subject, { victim: true, budget: 1000 });
    for (let n = subject.random.int(0, 2); n > 0; n -= 1) pause(subject);
    kill(child, thread, reason);
    thread.join();
    subject.check(thread.dead, 'a killed child lives');
  },
  killedChildren(subject, make) {
    const made = Array.from({ length: 3 }, () => make(subject, { victim: true, budget: 1000 }));
    pause(subject);
    const reason = new Error('killed together');
    for (const { subject: child } of made) intend(child, reason);
    killAll(
      made.map(({ thread }) => thread),
      { reason, wait: true },
    );
    subject.check(
      made.every(({ thread }) => thread.dead),
      'killAll({ wait }) came back too early',
    );
  },
  disposedChild(subject, make) {
    const { subject: child, thread } = make(subject, { victim: true, budget: 1000 });
    pause(subject);
    intend(child, undefined);
    thread[Symbol.dispose]();
    subject.check(thread.dead, 'a disposed child lives');
  },
  stranger(subject) {
    const { random } = subject;
    for (let tries = 0; tries < 4 && victims.length > 0; tries += 1) {
      const index = random.int(0, victims.length - 1);
      const [victim] = victims.splice(index, 1, victims.at(-1));
      victims.pop();
      if (victim.thread.dead || victim.subject === subject) continue;
      if (random.chance(0.3)) subject.check(typeof victim.thread.stack === 'string', 'a stack is no string');
      kill(victim.subject, victim.thread, random.chance(0.5) ? undefined : new Error('killed by a stranger'));
      return;
    }
  },
  cancelledChild(subject) {
    const thread = spawn(() => check(false, 'a cancelled green thread ran'));
    subject.check(thread.cancel(), 'cancel() did nothing');
    mustThrow(
      () => thread.wait(),
      (error) => error?.code === 'ERR_VERDANT_KILLED' && error === thread.error,
      'a cancelled child',
    );
  },
  later(subject) {
    const { random, store } = subject;
    const thread = spawnAfter(random.int(0, 3), (value) => (sleep(0), [value, storage.getStore()]), subject.name);
    const dropped = spawnAfter(1000000, () => check(false, 'a cancelled green thread ran'));
    const local = spawnAfterLocal(random.int(0, 2), () => 'local');
    try {
      pause(subject);
    } finally {
      dropped.cancel();
    }
    const [value, seen] = thread.wait();
    subject.check(value === subject.name && seen === store, 'spawnAfter() gave something else');
    subject.check(local.wait() === 'local', 'spawnAfterLocal() gave something else');
  },
  limited(subject, _make, inner) {
    const late = { late: true };
    const got = withTimeout(subject.random.int(0, 4), () => inner(), { value: late });
    subject.check(got === 0 || got === late, 'withTimeout() gave something else');
    if (got === late) counts.timeouts += 1;
  },
  nestedTimeouts(subject, _make, inner) {
    const outer = new Timeout(subject.random.int(2, 5));
    const open = subject.open;
    try {
      const middle = new Timeout(subject.random.int(0, 3));
      try {
        inner();
        sleep(1);
        inner();
      } catch (error) {
        if (error !== middle) throw error;
        counts.timeouts += 1;
        inner();
      } finally {
        middle.cancel();
      }
    } catch (error) {
      if (error !== outer) throw error;
      counts.timeouts += 1;
    } finally {
      outer.cancel();
    }
    subject.check(subject.open === open, 'a Timeout left frames open');
    inner();
  },
  promiseWork(subject) {
    let aborted = null;
    const thread = promiseToGreen(async (signal) => {
      signal.addEventListener('abort', () => (aborted = signal.reason));
      return never();
    });
    thread.link(ignore);
    const started = subject.random.chance(0.7);
    const reason = new Error('enough');
    try {
      if (started) sleep(0);
    } finally {
      thread.kill(reason);
    }
    mustThrow(
      () => thread.wait(),
      (error) => error === reason,
      'killed promise work',
    );
    subject.check(aborted === (started ? reason : null), 'the signal tells something else');
  },
  abortedPromise(subject) {
    const controller = new AbortController();
    const reason = new Error('aborted');
    let unwound = false;
    const thread = spawn(() => {
      try {
        [3, 1, 2].sort(() => (sleep(Infinity), 0));
      } finally {
        unwound = true;
      }
    });
    const promise = greenToPromise(thread, { signal: controller.signal });
    promise.catch(ignore);
    try {
      sleep(0);
    } finally {
      controller.abort(reason);
    }
    mustThrow(
      () => wait(promise),
      (error) => error === reason,
      'an aborted promise',
    );
    thread.join();
    subject.check(unwound && thread.error === reason, 'an abort did not kill');
  },
  failingChild(subject) {
    const error = new Error('expected failure');
    const thread = spawn(() => {
      JSON.parse('[1]', () => {
        sleep(0);
        throw error;
      });
    });
    thread.link(ignore);
    mustThrow(
      () => (subject.random.chance(0.5) ? thread.wait() : wait(thread)),
      (thrown) => thrown === error,
      'a failing child',
    );
    subject.check(thread.state === 'failed' && thread.error === error, 'a failing child ended otherwise');
  },
  deep(subject, _make, inner) {
    const levels = subject.random.int(50, 1500);
    goingDeep(() => subject.check(descend(subject, levels, inner) === levels, 'a deep recursion gave something else'));
  },
  overflow(subject) {
    goingDeep(() => {
      const everyNth = subject.random.chance(0.5) ? 100000000 : subject.random.int(20, 500);
      mustThrow(
        () => overflow(subject, everyNth, 0),
        (error) => error instanceof RangeError,
        'an endless recursion',
      );
    });
    subject.verify('after a RangeError');
  },
  orphan(subject) {
    orphan(subject.name);
  },
};

/** Kills a subject's green thread, which then knows what to expect. */
function kill(subject, thread, reason) {
  if (thread.dead) return;
  const error = reason ?? Object.assign(new Error('quiet'), { code: 'ERR_VERDANT_KILLED' });
  intend(subject, error);
  thread.kill(error);
}

/** The first kill counts; without a reason it is known by its code only. */
function intend(subject, reason) {
  if (subject.killed) return;
  subject.killed = true;
  subject.reason = reason;
}

module.exports = { scenarios: Object.entries(scenarios), victims };
