const assert = require('node:assert');
const { setImmediate: turn } = require('node:timers/promises');
const { setTimeout: delay } = require('node:timers/promises');
const Fiber = require('verdant/fibers');
const { getCurrent, sleep } = require('verdant');
const { getHub } = require('verdant/hub');
const cases = require('../../support/cases.cjs');

async function collect(done) {
  for (let round = 0; round < 100 && !done(); round += 1) {
    global.gc();
    await turn();
  }
}

cases(module, {
  'a fiber that nobody can reach any more is unwound: its finally blocks run': async () => {
    const seen = [];
    (() => {
      Fiber(() => {
        try {
          Fiber.yield();
        } catch (error) {
          seen.push(error.message);
          throw error;
        } finally {
          seen.push('finally');
        }
      }).run();
    })();
    await collect(() => seen.length === 2);
    assert.deepEqual(seen, ['This Fiber is a zombie', 'finally']);
  },
  'it has a current fiber meanwhile': async () => {
    let current;
    (() => {
      Fiber(() => {
        try {
          Fiber.yield();
        } finally {
          ({ current } = Fiber);
        }
      }).run();
    })();
    await collect(() => current !== undefined);
    assert.ok(current instanceof Fiber);
    assert.equal(current.started, false);
  },
  'thousands of lost fibers give their stacks back': async () => {
    (() => {
      for (let n = 0; n < 3000; n += 1) Fiber(() => Fiber.yield()).run();
    })();
    await collect(() => getHub().stats().suspended === 0);
    assert.equal(getHub().stats().suspended, 0);
  },
  'a fiber that holds itself stays': async () => {
    let unwound = false;
    (() => {
      Fiber(() => {
        const self = Fiber.current;
        try {
          Fiber.yield();
        } finally {
          unwound = self.started;
        }
      }).run();
    })();
    for (let round = 0; round < 5; round += 1) {
      global.gc();
      await turn();
    }
    assert.equal(unwound, false);
  },
  'a fiber that is held stays': async () => {
    const fiber = Fiber(() => Fiber.yield() + 1);
    fiber.run();
    for (let round = 0; round < 5; round += 1) {
      global.gc();
      await turn();
    }
    assert.equal(fiber.run(1), 2);
  },
  'what a lost fiber throws while it is unwound is an uncaught exception': async () => {
    const caught = [];
    process.on('uncaughtException', (error) => caught.push(error.message));
    (() => {
      Fiber(() => {
        try {
          Fiber.yield();
        } finally {
          assert.fail('last words');
        }
      }).run();
    })();
    await collect(() => caught.length > 0);
    assert.deepEqual(caught, ['last words']);
  },
  'a fiber that sleeps is held by its sleep': async () => {
    let woken = false;
    (() => {
      Fiber(() => {
        sleep(30);
        woken = true;
      }).run();
    })();
    global.gc();
    await turn();
    global.gc();
    while (!woken) await delay(1);
  },
  'a fiber that waits for something that nobody can reach is unwound': async () => {
    const seen = [];
    (() => {
      Fiber(() => {
        try {
          sleep(Infinity);
        } catch (error) {
          seen.push(error.message);
        } finally {
          seen.push('finally');
        }
      }).run();
    })();
    await collect(() => seen.length === 2);
    assert.deepEqual(seen, ['This Fiber is a zombie', 'finally']);
    assert.equal(getHub().stats().greenThreads, 0);
  },
  'a blocking call in a fiber that is reset throws the same error as yield()': () => {
    const seen = [];
    const fiber = Fiber(() => {
      try {
        Fiber.yield();
      } catch {
        try {
          sleep(1);
        } catch (error) {
          seen.push(error.message);
        }
      }
    });
    fiber.run();
    fiber.reset();
    assert.deepEqual(seen, ['This Fiber is a zombie']);
    assert.equal(getHub().stats().greenThreads, 0);
  },
  'a fiber that blocks cannot be run, reset or thrown into': async () => {
    let awake = false;
    const fiber = Fiber(() => {
      sleep(5);
      awake = true;
      return Fiber.yield();
    });
    assert.equal(fiber.run(), undefined);
    assert.throws(() => fiber.run(), { message: 'This Fiber is already running' });
    assert.throws(() => fiber.reset(), { message: 'This Fiber is not yielding' });
    assert.throws(() => fiber.throwInto(), { message: 'This Fiber is not yielding' });
    while (!awake) await delay(1);
    assert.equal(fiber.run('end'), 'end');
  },
  'a kill meets a fiber where it blocks': async () => {
    const seen = [];
    let thread;
    const fiber = Fiber(() => {
      thread = getCurrent();
      try {
        sleep(10_000);
      } finally {
        seen.push('finally');
      }
    });
    fiber.run();
    thread.kill(new Error('killed'));
    const error = await new Promise((resolve) => process.once('uncaughtException', resolve));
    assert.equal(error.message, 'killed');
    assert.deepEqual(seen, ['finally']);
    assert.equal(thread.state, 'killed');
  },
  'a script that V8 ends takes its fibers along': () => {
    const vm = require('node:vm');
    const fiber = Fiber(() => {
      for (;;);
    });
    assert.throws(() => vm.runInNewContext('go()', { go: () => fiber.run() }, { timeout: 20 }), {
      code: 'ERR_SCRIPT_EXECUTION_TIMEOUT',
    });
    assert.equal(Fiber.current, undefined);
    assert.equal(fiber.started, false);
    assert.equal(Fiber(() => 'fine').run(), 'fine');
  },
  'a script that V8 ends takes fibers in fibers along': () => {
    const vm = require('node:vm');
    const inner = Fiber(() => {
      for (;;);
    });
    const outer = Fiber(() => inner.run());
    assert.throws(() => vm.runInNewContext('go()', { go: () => outer.run() }, { timeout: 20 }), {
      code: 'ERR_SCRIPT_EXECUTION_TIMEOUT',
    });
    assert.ok(!outer.started && !inner.started);
    assert.equal(Fiber.current, undefined);
  },
  'a script that V8 ends inside of a fiber is an error there': () => {
    const vm = require('node:vm');
    const fiber = Fiber(() => {
      assert.throws(() => vm.runInNewContext('for (;;);', {}, { timeout: 20 }), {
        code: 'ERR_SCRIPT_EXECUTION_TIMEOUT',
      });
      return Fiber.current;
    });
    assert.equal(fiber.run(), fiber);
  },
  'on a green thread, too, a script that V8 ends takes its fibers along': async () => {
    const { run } = require('verdant');
    const vm = require('node:vm');
    await run(() => {
      const thread = getCurrent();
      const fiber = Fiber(() => {
        for (;;);
      });
      assert.throws(() => vm.runInNewContext('go()', { go: () => fiber.run() }, { timeout: 20 }), {
        code: 'ERR_SCRIPT_EXECUTION_TIMEOUT',
      });
      assert.equal(getCurrent(), thread);
      sleep(1);
    });
  },
  'process.exit() can be called in a fiber': () => {
    console.log('ok');
    Fiber(() => {
      Fiber(() => Fiber.yield()).run();
      process.exit();
    }).run();
  },
  'the process ends well with fibers that yield, block and have fibers inside': () => {
    globalThis.kept = [
      Fiber(() => Fiber.yield()),
      Fiber(() => [1].map(() => Fiber.yield())),
      Fiber(() => {
        const inner = Fiber(() => Fiber.yield());
        inner.run();
        Fiber.yield(inner);
      }),
    ];
    for (const fiber of globalThis.kept) fiber.run();
  },
  'fibers run in exit listeners, but cannot block': () => {
    getHub();
    process.on('exit', () => {
      assert.equal(Fiber((value) => Fiber.yield(value)).run(1), 1);
      const blocking = Fiber(() => sleep(1));
      assert.throws(() => blocking.run(), { code: 'ERR_VERDANT_CLOSED' });
    });
  },
  'a Worker has fibers of its own, and may end in the middle of them': async () => {
    const { Worker } = require('node:worker_threads');
    const program = `
      const Fiber = require('verdant/fibers');
      const { parentPort } = require('node:worker_threads');
      const fiber = Fiber(() => { Fiber.yield(1); for (;;); });
      parentPort.postMessage([Fiber.current, fiber.run()]);
      const outer = Fiber(() => fiber.run());
      outer.run();
    `;
    Fiber(() => Fiber.yield()).run();
    const worker = new Worker(program, { eval: true });
    const [message] = await require('node:events').once(worker, 'message');
    assert.deepEqual(message, [undefined, 1]);
    await worker.terminate();
  },
});
