// One case, by name: how often is unhandledRejection emitted?
const { DagPool, GreenPile, GreenPool, Group, Pool, run, sleep } = require('verdant');

const fail = () => {
  sleep(1);
  throw new Error('mine');
};

const cases = {
  spawn: () => new GreenPool(1).spawn(fail),
  spawnN: () => new GreenPool(1).spawnN(fail),
  inline: () => {
    const pool = new GreenPool(1);
    pool.spawn(() => void pool.spawn(fail));
    pool.waitAll();
  },
  'inline, waited for': () => {
    const pool = new GreenPool(1);
    pool.spawn(() => void pool.spawn(fail).join());
    pool.waitAll();
  },
  imap: () => {
    try {
      return [...new GreenPool(2).imap(fail, [1, 2])];
    } catch {
      return null; // the second one is nobody's: the iteration was given up
    }
  },
  pile: () => {
    const pile = new GreenPile(1);
    pile.spawn(fail);
    try {
      return pile.next();
    } catch {
      return null;
    }
  },
  dag: () => {
    const dag = new DagPool();
    dag.spawn('a', [], fail);
    return [...dag.waitEachException()];
  },
  group: () => {
    const group = new Group();
    group.spawn(fail);
    try {
      group.join();
    } catch {
      // here it is
    }
  },
  'group, after its end': async () => {
    const group = new Group();
    group.spawn(() => {
      try {
        sleep(10);
      } finally {
        fail();
      }
    });
  },
  create: () => {
    const pool = new Pool({ create: fail });
    try {
      pool.get();
    } catch {
      // here it is
    }
  },
  min: () => setImmediate(() => new Pool({ min: 1, create: fail })),
  destroy: () => {
    const pool = new Pool({ create: () => ({}), destroy: fail });
    pool.discard(pool.get());
  },
};

const [, , name, times] = process.argv;
let seen = 0;
process.on('unhandledRejection', (error) => {
  if (error.message !== 'mine') throw error;
  seen += 1;
});
process.on('exit', () => {
  if (seen === Number(times)) console.log('ok');
  else console.log(`${seen} times`);
});
run(cases[name]);
