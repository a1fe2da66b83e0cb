const assert = require('node:assert');
const { AsyncLocalStorage, executionAsyncId } = require('node:async_hooks');
const { once } = require('node:events');
const { setTimeout: delay } = require('node:timers/promises');
const Fiber = require('verdant/fibers');
const Future = require('verdant/fibers/future');
const { Event, getCurrent, GreenLocal, LightQueue, run, sleep, spawn, wait, withTimeout } = require('verdant');
const { getHub } = require('verdant/hub');
const { connect, listen } = require('verdant/net');
const cases = require('../../support/cases.cjs');

/** Runs a fiber from plain code; a promise of how its function ends. */
function fiber(fn) {
  return new Promise((resolve, reject) => {
    Fiber(() => {
      try {
        resolve(fn());
      } catch (error) {
        reject(error);
      }
    }).run();
  });
}

cases(module, {
  'a fiber that blocks goes back to its caller, and goes on by itself': async () => {
    const seen = [];
    const sleeper = Fiber(() => {
      seen.push('begins');
      sleep(5);
      seen.push('goes on');
    });
    seen.push(sleeper.run(), 'caller');
    assert.ok(sleeper.started);
    while (sleeper.started) await delay(1);
    assert.deepEqual(seen, ['begins', undefined, 'caller', 'goes on']);
    assert.equal(sleeper.started, false);
  },
  'fibers that block do so at the same time': async () => {
    const seen = [];
    const work = () => {
      seen.push('begins');
      sleep(20);
      seen.push('ends');
    };
    await Promise.all([fiber(work), fiber(work)]);
    assert.deepEqual(seen, ['begins', 'begins', 'ends', 'ends']);
  },
  'wait() for promises in a fiber': async () => {
    const value = await fiber(() => {
      assert.throws(() => wait(Promise.reject(new Error('rejected'))), /rejected/);
      return wait(delay(2, 1)) + wait(Promise.resolve(10)) + wait(100);
    });
    assert.equal(value, 111);
  },
  'queues, events and green threads in a fiber': async () => {
    const queue = new LightQueue();
    const event = new Event();
    const values = fiber(() => [queue.get(), event.wait(), spawn(() => sleep(1) ?? 3).wait()]);
    setTimeout(() => queue.putNowait(1));
    setTimeout(() => event.send(2), 2);
    assert.deepEqual(await values, [1, 2, 3]);
  },
  'timeouts in a fiber': async () => {
    await fiber(() => {
      assert.throws(() => new Event().wait({ timeout: 2 }), { code: 'ERR_VERDANT_TIMEOUT' });
      assert.equal(
        withTimeout(2, () => sleep(1000), { value: 'late' }),
        'late',
      );
    });
  },
  'green sockets in fibers': async () => {
    const listener = await run(() => listen('127.0.0.1:0'));
    Fiber(() => {
      const socket = listener.accept();
      socket.sendAll(socket.recvLine());
      socket.close();
    }).run();
    const answer = await fiber(() => {
      const socket = connect(listener.address);
      socket.sendAll('hello\n');
      const text = socket.recvExactly(5).toString();
      socket.close();
      return text;
    });
    listener.close();
    assert.equal(answer, 'hello');
  },
  'sleep(0) in a fiber lets others go on': async () => {
    const seen = [];
    const work = (name) =>
      fiber(() => {
        for (const n of [1, 2]) {
          seen.push(name + n);
          sleep(0);
        }
      });
    await Promise.all([work('a'), work('b')]);
    assert.deepEqual(seen, ['a1', 'b1', 'a2', 'b2']);
  },
  'a fiber can yield and block by turns: what it yields to the hub nobody takes': async () => {
    let yielded = 0;
    const numbers = Fiber(() => {
      for (let n = 1; ; n += 1) {
        yielded = n;
        Fiber.yield(n);
        sleep(1);
      }
    });
    assert.equal(numbers.run(), 1);
    assert.equal(numbers.run(), undefined); // it sleeps
    while (yielded < 2) await delay(1);
    assert.equal(numbers.run(), undefined); // it yielded 2 to the hub, and sleeps again
    while (yielded < 3) await delay(1);
    assert.equal(numbers.reset(), undefined);
  },
  'an error after a wait is an uncaught exception, as after a timer': async () => {
    Fiber(() => {
      sleep(1);
      throw new Error('late');
    }).run();
    const [error] = await once(process, 'uncaughtException');
    assert.equal(error.message, 'late');
    assert.equal(getHub().stats().greenThreads, 0);
  },
  'an error does not hinder the other fibers that go on in the same turn': async () => {
    const seen = [];
    process.on('uncaughtException', (error) => seen.push(error.message));
    const event = new Event();
    for (const name of ['a', 'b', 'c']) {
      Fiber(() => {
        event.wait();
        if (name === 'b') throw new Error('b fails');
        seen.push(name);
      }).run();
    }
    event.send();
    while (seen.length < 3) await delay(1);
    assert.deepEqual(seen.sort(), ['a', 'b fails', 'c']);
  },
  'a nested fiber that blocks goes back to the fiber that ran it': async () => {
    const seen = [];
    await fiber(() => {
      const outer = Fiber.current;
      const inner = Fiber(() => {
        sleep(2);
        seen.push('inner', Fiber.current === inner);
      });
      inner.run();
      seen.push('outer', Fiber.current === outer);
      while (inner.started) sleep(1);
    });
    assert.deepEqual(seen, ['outer', true, 'inner', true]);
  },
  'getCurrent() in a fiber is a green thread of its own, always the same': async () => {
    assert.equal(getCurrent(), null);
    const seen = new Set();
    await fiber(() => {
      seen.add(getCurrent());
      sleep(1);
      seen.add(getCurrent());
    });
    await fiber(() => seen.add(getCurrent()));
    assert.equal(getCurrent(), null);
    assert.equal(seen.size, 2);
    assert.deepEqual(
      [...seen].map(({ state }) => state),
      ['done', 'done'],
    );
  },
  'its green thread can be waited for and linked, and has its outcome': async () => {
    let thread;
    const error = new Error('fails');
    const failing = Fiber(() => {
      thread = getCurrent();
      Fiber.yield();
      throw error;
    });
    failing.run();
    const joined = run(() => thread.join());
    const outcome = thread.then(
      () => 'done',
      (reason) => reason,
    );
    await delay(2);
    assert.throws(() => failing.run(), /fails/);
    assert.equal(await joined, true);
    assert.equal(await outcome, error);
    assert.equal(thread.state, 'failed');
  },
  'a failure goes to whoever called run(), and is not reported once more': async () => {
    process.on('unhandledRejection', () => assert.fail('unhandled'));
    const failing = Fiber(() => {
      getCurrent();
      throw new Error('fails');
    });
    assert.throws(() => failing.run(), /fails/);
    await delay(5);
  },
  'a green thread runs fibers, and both are known by their names': async () => {
    await run(() => {
      const thread = getCurrent();
      const inner = Fiber((value) => {
        assert.notEqual(getCurrent(), thread);
        assert.equal(Fiber.current, inner);
        return Fiber.yield(value + 1);
      });
      assert.equal(inner.run(1), 2);
      assert.equal(getCurrent(), thread);
      assert.equal(Fiber.current, undefined);
      sleep(1);
      assert.equal(inner.run(3), 3);
      assert.equal(getCurrent(), thread);
    });
  },
  'a fiber begun on one green thread goes on on another one, and on none': async () => {
    const walker = Fiber(() => {
      for (let n = 1; ; n += 1) Fiber.yield(n);
    });
    assert.equal(await run(() => walker.run()), 1);
    assert.equal(await run(() => walker.run()), 2);
    assert.equal(walker.run(), 3);
    walker.reset();
  },
  'a green thread goes on when its fiber blocks': async () => {
    const seen = [];
    await run(() => {
      const sleeper = Fiber(() => {
        sleep(5);
        seen.push('fiber');
      });
      assert.equal(sleeper.run(), undefined);
      seen.push('thread');
      while (sleeper.started) sleep(1);
    });
    assert.deepEqual(seen, ['thread', 'fiber']);
  },
  'current is undefined on green threads that run while fibers are blocked': async () => {
    const seen = [];
    Fiber(() => sleep(5)).run();
    await run(() => {
      seen.push(Fiber.current);
      sleep(10);
      seen.push(Fiber.current);
    });
    assert.deepEqual(seen, [undefined, undefined]);
  },
  'spawn() in a fiber knows its parent': async () => {
    await fiber(() => {
      const child = spawn(() => getCurrent().parent);
      assert.equal(child.wait(), getCurrent());
    });
  },
  'values of a green thread are those of a fiber, too': async () => {
    const local = new GreenLocal();
    local.value = 'plain';
    await Promise.all(
      [1, 2].map((value) =>
        fiber(() => {
          assert.equal(local.value, undefined);
          local.value = value;
          sleep(1);
          assert.equal(local.value, value);
        }),
      ),
    );
    assert.equal(local.value, 'plain');
  },
  'AsyncLocalStorage: a fiber has the stores of whoever ran it first': async () => {
    const storage = new AsyncLocalStorage();
    const seen = [];
    const reader = Fiber(() => {
      seen.push(storage.getStore());
      Fiber.yield();
      seen.push(storage.getStore());
      sleep(1);
      seen.push(storage.getStore());
      wait(delay(1));
      seen.push(storage.getStore());
    });
    storage.run('first', () => reader.run());
    assert.equal(storage.getStore(), undefined);
    storage.run('second', () => {
      reader.run();
      assert.equal(storage.getStore(), 'second');
    });
    while (reader.started) await delay(1);
    assert.deepEqual(seen, ['first', 'first', 'first', 'first']);
  },
  'AsyncLocalStorage: what a fiber enters is its own': async () => {
    const storage = new AsyncLocalStorage();
    const make = (value) =>
      Fiber(() => {
        storage.enterWith(value);
        Fiber.yield();
        assert.equal(storage.getStore(), value);
        storage.run('inner', () => {
          Fiber.yield();
          assert.equal(storage.getStore(), 'inner');
          sleep(1);
          assert.equal(storage.getStore(), 'inner');
        });
        assert.equal(storage.getStore(), value);
      });
    const fibers = [make('a'), make('b')];
    await storage.run('outside', async () => {
      for (let round = 0; round < 3; round += 1) {
        for (const one of fibers) {
          one.run();
          assert.equal(storage.getStore(), 'outside');
        }
      }
      while (fibers.some(({ started }) => started)) await delay(1);
      assert.equal(storage.getStore(), 'outside');
    });
    assert.ok(fibers.every(({ started }) => !started));
  },
  'AsyncLocalStorage: futures and tasks keep it': async () => {
    const storage = new AsyncLocalStorage();
    const task = storage.run('mine', () =>
      Future.task(() => {
        const before = storage.getStore();
        const future = new Future();
        storage.exit(() => setTimeout(() => future.return(), 1));
        future.wait();
        return [before, storage.getStore()];
      }),
    );
    assert.deepEqual(await task.promise(), ['mine', 'mine']);
  },
  'AsyncLocalStorage: fibers in fibers and on green threads have what they were run with': async () => {
    const storage = new AsyncLocalStorage();
    await storage.run('thread', () =>
      run(() => {
        const inner = Fiber(() => Fiber.yield(storage.getStore()));
        const outer = Fiber(() => {
          storage.enterWith('outer');
          return inner.run();
        });
        assert.equal(outer.run(), 'outer');
        assert.equal(storage.getStore(), 'thread');
        inner.run();
      }),
    );
  },
  'a fiber has an async id of its own': () => {
    const outside = executionAsyncId();
    const ids = [1, 2].map(() => Fiber(() => executionAsyncId()).run());
    assert.equal(new Set([outside, ...ids]).size, 3);
    assert.equal(executionAsyncId(), outside);
  },
  'a fiber that runs Node’s loop hinders no green thread for good': async () => {
    const { native } = require('../../../../dist/realm.js');
    let ended = false;
    spawn(() => {
      sleep(1);
      ended = true;
    });
    Fiber(() => {
      const end = performance.now() + 10;
      while (performance.now() < end) native.runLoopOnce();
    }).run();
    while (!ended) await delay(1);
  },
  'the hub cannot be destroyed in a fiber': () => {
    Fiber(() => {
      assert.throws(() => getHub().destroy(), { code: 'ERR_VERDANT_HUB' });
    }).run();
  },
  'the end of the hub ends fibers that block': () => {
    const seen = [];
    const hub = getHub();
    process.on('uncaughtException', ({ code }) => seen.push(code));
    const blocked = Fiber(() => {
      try {
        sleep(10_000);
      } catch (error) {
        seen.push(error.code);
      }
    });
    blocked.run();
    hub.destroy();
    assert.deepEqual(seen, ['ERR_VERDANT_KILLED']);
    assert.equal(blocked.started, false);
  },
  'a fiber that blocks for ever is listed in the report of a deadlock': () => {
    const fiberForEver = Fiber(function waitsForEver() {
      new Event().wait();
    });
    fiberForEver.run();
    getHub().on('deadlock', ({ message }) => {
      assert.match(message, /1 green thread would wait for ever:\nfiber \(suspended\)[^]*waitsForEver/);
      globalThis.kept = fiberForEver;
    });
  },
  'ten thousand fibers can block': async () => {
    const event = new Event();
    let ended = 0;
    for (let n = 0; n < 10_000; n += 1) {
      Fiber(() => {
        event.wait();
        ended += 1;
      }).run();
    }
    assert.equal(getHub().stats().greenThreads, 10_000);
    event.send();
    while (ended < 10_000) await delay(1);
    assert.equal(getHub().stats().suspended, 0);
  },
});
