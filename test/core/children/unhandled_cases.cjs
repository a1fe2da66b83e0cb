const assert = require('node:assert');
const { GreenExit, joinAll, run, sleep, spawn, spawnAfter, spawnN } = require('verdant');
const { getHub } = require('verdant/hub');

const [what, times] = process.argv.slice(2);
const error = new Error('broken');
const fail = () => {
  sleep(1);
  throw error;
};
const ignore = () => undefined;

const cases = {
  spawn: () => void spawn(fail),
  spawnN: () => spawnN(fail),
  spawnAfter: () => void spawnAfter(1, fail),
  killed: () => {
    const thread = spawn(() => sleep(Infinity));
    setTimeout(() => thread.kill(error), 2);
  },
  'failing link': () => {
    spawn(ignore).link(() => {
      throw error;
    });
  },
  link: () => spawn(fail).link(ignore),
  wait: () => {
    const thread = spawn(fail);
    return run(() => assert.throws(() => thread.wait(), error));
  },
  join: () => {
    const thread = spawn(fail);
    return run(() => assert.ok(thread.join()));
  },
  joinAll: () => run(() => void joinAll([spawn(fail), spawn(fail)])),
  await: async () => {
    const thread = spawn(fail);
    await assert.rejects(async () => await thread, error);
  },
  'promise chain': () => spawn(fail).then(ignore).catch(ignore),
  'killed by default': () => {
    const thread = spawn(() => sleep(Infinity));
    setTimeout(() => thread.kill(), 2);
  },
  'throws GreenExit': () => {
    spawn(() => {
      throw new GreenExit();
    });
  },
  'spawnN that exits': () => {
    spawnN(() => {
      throw new GreenExit();
    });
  },
  aborted: () => {
    const controller = new AbortController();
    spawn({ signal: controller.signal }, () => sleep(Infinity));
    setTimeout(() => controller.abort(error), 2);
  },
  'late wait in time': () => {
    // It has failed when it is waited for, but the turn of the hub has not come to its end yet.
    getHub().switchInterval = 1_000;
    const thread = spawn(() => {
      throw error;
    });
    return run(() => {
      assert.strictEqual(thread.state, 'failed');
      assert.throws(() => thread.wait(), error);
    });
  },
};

const seen = [];
process.on('unhandledRejection', (reason) => seen.push(reason));
process.on('uncaughtException', (reason) => {
  console.error('uncaught', reason);
  process.exit(2);
});
process.on('exit', () => {
  for (const reason of seen) assert.strictEqual(reason, error);
  assert.strictEqual(seen.length, Number(times));
  console.log('ok');
});

cases[what]();
