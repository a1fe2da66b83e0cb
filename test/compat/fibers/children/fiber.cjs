const assert = require('node:assert');
const Fiber = require('verdant/fibers');
const cases = require('../../support/cases.cjs');

const idle = () => undefined;

cases(module, {
  'the module is the constructor, with and without new': () => {
    assert.equal(typeof Fiber, 'function');
    assert.equal(Fiber.name, 'Fiber');
    assert.ok(Fiber(idle) instanceof Fiber);
    assert.ok(new Fiber(idle) instanceof Fiber);
    assert.equal(Fiber(idle).constructor, Fiber);
  },
  'default is the constructor, too': () => {
    assert.equal(Fiber.default, Fiber);
    assert.ok(!Object.keys(Fiber).includes('default'));
  },
  'a subclass can be made in the new way and in the old one': () => {
    class New extends Fiber {
      twice() {
        return [this.run(), this.run()];
      }
    }
    assert.deepEqual(new New(() => Fiber.yield(1) ?? 2).twice(), [1, 2]);
    assert.ok(new New(idle) instanceof Fiber);
    const old = Reflect.construct(Fiber, [idle], New);
    assert.ok(old instanceof New);
  },
  'it takes one argument, a function': () => {
    for (const make of [(...args) => Fiber(...args), (...args) => new Fiber(...args)]) {
      assert.throws(() => make(), { name: 'TypeError', message: 'Fiber expects 1 argument' });
      assert.throws(() => make(idle, 1), { name: 'TypeError', message: 'Fiber expects 1 argument' });
      assert.throws(() => make(undefined), { name: 'TypeError', message: 'Fiber expects a function' });
      assert.throws(() => make({}), { name: 'TypeError', message: 'Fiber expects a function' });
    }
  },
  'making one does not start it': () => {
    const fiber = Fiber(() => assert.fail());
    assert.equal(fiber.started, false);
  },
  'run() hands its argument to the function, and returns what that returns': () => {
    assert.equal(Fiber((value) => value * 2).run(21), 42);
  },
  'the function is called with as many arguments as run() was, on the global object': () => {
    const seen = [];
    const fiber = Fiber(function (...args) {
      seen.push([this, args.length]);
    });
    fiber.run();
    fiber.run(undefined);
    assert.deepEqual(seen, [
      [globalThis, 0],
      [globalThis, 1],
    ]);
  },
  'values go back and forth through yield() and run()': () => {
    const fiber = Fiber((first) => {
      const second = Fiber.yield(first + 1);
      const third = Fiber.yield(second + 1);
      return third + 1;
    });
    assert.deepEqual([fiber.run(1), fiber.run(10), fiber.run(100)], [2, 11, 101]);
  },
  'yield() and run() without a value pass undefined': () => {
    const seen = [];
    const fiber = Fiber(() => {
      seen.push(Fiber.yield());
    });
    seen.push(fiber.run('ignored by a function of no parameters'), fiber.run());
    assert.deepEqual(seen, [undefined, undefined, undefined]);
  },
  'a generator of numbers sums up': () => {
    const sum = Fiber((start) => {
      for (let total = start; ;) total += Fiber.yield(total);
    });
    const seen = [];
    for (let value = sum.run(1); value <= 10; value = sum.run(1)) seen.push(value);
    assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  },
  'run() can be bound to its fiber': () => {
    const next = Fiber.prototype.run.bind(
      Fiber(() => {
        for (let [a, b] = [0, 1]; ; [a, b] = [b, a + b]) Fiber.yield(a);
      }),
    );
    assert.deepEqual(
      Array.from({ length: 8 }, () => next()),
      [0, 1, 1, 2, 3, 5, 8, 13],
    );
  },
  'yield() goes through calls, callbacks of built-ins, getters and constructors': () => {
    class Yielding {
      constructor() {
        Fiber.yield('constructor');
      }
      get value() {
        return Fiber.yield('getter');
      }
    }
    const fiber = Fiber(() => {
      [1, 2].forEach((n) => Fiber.yield(n));
      'ab'.replace(/./g, (letter) => Fiber.yield(letter));
      return new Yielding().value;
    });
    assert.deepEqual(
      Array.from({ length: 7 }, () => fiber.run('last')),
      [1, 2, 'a', 'b', 'constructor', 'getter', 'last'],
    );
  },
  'an exception goes on to whoever called run()': () => {
    const error = new Error('out');
    const fiber = Fiber(() => {
      Fiber.yield();
      throw error;
    });
    fiber.run();
    assert.throws(
      () => fiber.run(),
      (thrown) => thrown === error,
    );
    assert.equal(fiber.started, false);
  },
  'anything can be thrown': () => {
    for (const thing of [undefined, null, 0, 'text']) {
      let caught = 'nothing';
      try {
        Fiber(() => {
          throw thing;
        }).run();
      } catch (thrown) {
        caught = thrown;
      }
      assert.equal(caught, thing);
    }
  },
  'a fiber that has ended can be run again, from its beginning': () => {
    let runs = 0;
    const fiber = Fiber((value) => {
      runs += 1;
      Fiber.yield();
      return value;
    });
    for (const value of [1, 2, 3]) {
      assert.equal(fiber.run(value), undefined);
      assert.equal(fiber.run(), value);
    }
    assert.equal(runs, 3);
  },
  'a fiber that has failed can be run again': () => {
    let fail = true;
    const fiber = Fiber(() => {
      if (fail) throw new Error('once');
      return 'well';
    });
    assert.throws(() => fiber.run(), /once/);
    fail = false;
    assert.equal(fiber.run(), 'well');
  },
  'started is true from the first run() to the end': () => {
    const seen = [];
    const fiber = Fiber(() => {
      seen.push(fiber.started, Fiber.current.started);
      Fiber.yield();
    });
    seen.push(fiber.started);
    fiber.run();
    seen.push(fiber.started);
    fiber.run();
    seen.push(fiber.started);
    assert.deepEqual(seen, [false, true, true, true, false]);
  },
  'started of something else is undefined': () => {
    const { get } = Object.getOwnPropertyDescriptor(Fiber.prototype, 'started');
    assert.equal(get.call({}), undefined);
    assert.equal(Fiber.prototype.started, undefined);
  },
  'current is the fiber that runs, and undefined outside': () => {
    assert.equal(Fiber.current, undefined);
    const inner = Fiber(() => {
      assert.equal(Fiber.current, inner);
      Fiber.yield();
      assert.equal(Fiber.current, inner);
    });
    const outer = Fiber(() => {
      inner.run();
      assert.equal(Fiber.current, outer);
      Fiber.yield();
      inner.run();
      assert.equal(Fiber.current, outer);
    });
    outer.run();
    assert.equal(Fiber.current, undefined);
    outer.run();
    assert.equal(Fiber.current, undefined);
  },
  'current is right again after an exception': () => {
    const outer = Fiber(() => {
      assert.throws(() => Fiber(() => assert.fail('in')).run(), /in/);
      assert.equal(Fiber.current, outer);
    });
    outer.run();
    assert.equal(Fiber.current, undefined);
  },
  'assigning to current has no effect, also in strict mode': () => {
    'use strict';
    Fiber.current = 'mine';
    assert.equal(Fiber.current, undefined);
    Fiber(() => {
      Fiber.current = 'mine';
      assert.ok(Fiber.current instanceof Fiber);
    }).run();
  },
  'a fiber reached by current can be run later': async () => {
    let kept;
    let ended = false;
    Fiber(() => {
      kept = Fiber.current;
      Fiber.yield();
      ended = true;
    }).run();
    await new Promise((resolve) => {
      setTimeout(() => {
        kept.run();
        resolve();
      });
    });
    assert.ok(ended);
  },
  'properties can be set on fibers, and only those are enumerable and own': () => {
    const fiber = Fiber(() => {
      Fiber.current.mine = 1;
      Fiber.yield();
      return Fiber.current.mine;
    });
    assert.deepEqual(Object.keys(fiber), []);
    fiber.run();
    fiber.flow = fiber.goOn = fiber.id = 'mine';
    assert.deepEqual(Object.keys(fiber), ['mine', 'id', 'goOn', 'flow']);
    assert.equal(fiber.run(), 1);
  },
  'the methods are found by for ... in': () => {
    const names = [];
    for (const name in Fiber(idle)) names.push(name);
    assert.deepEqual(names.sort(), ['reset', 'run', 'started', 'throwInto']);
  },
  'yield() outside of fibers is refused': () => {
    assert.throws(() => Fiber.yield(), { name: 'Error', message: 'yield() called with no fiber running' });
  },
  'yield() takes one argument at most': () => {
    Fiber(() => {
      assert.throws(() => Fiber.yield(1, 2), { name: 'TypeError', message: 'yield() expects 1 or no arguments' });
    }).run();
  },
  'yield() can be called without its object': () => {
    const { yield: away } = Fiber;
    assert.equal(Fiber(() => away('here')).run(), 'here');
  },
  'a fiber that runs cannot be run': () => {
    const fiber = Fiber(() => fiber.run());
    assert.throws(() => fiber.run(), { name: 'Error', message: 'This Fiber is already running' });
    assert.equal(fiber.started, false);
  },
  'a fiber that has called another one cannot be run by that': () => {
    const outer = Fiber(() => {
      Fiber(() => outer.run()).run();
    });
    assert.throws(() => outer.run(), { message: 'This Fiber is already running' });
  },
  'run() takes one argument at most': () => {
    const fiber = Fiber(idle);
    assert.throws(() => fiber.run(1, 2), { name: 'TypeError', message: 'run() excepts 1 or no arguments' });
    assert.equal(fiber.started, false);
  },
  'run() of something else is refused': () => {
    for (const thing of [null, undefined, {}, 1, Object.create(Fiber.prototype)]) {
      for (const method of ['run', 'reset', 'throwInto']) {
        assert.throws(() => Fiber.prototype[method].call(thing), { name: 'TypeError', message: 'Illegal invocation' });
      }
    }
  },
  'throwInto() throws at yield()': () => {
    const error = new Error('in');
    const fiber = Fiber(() => {
      try {
        Fiber.yield();
      } catch (thrown) {
        return thrown;
      }
    });
    fiber.run();
    assert.equal(fiber.throwInto(error), error);
  },
  'what the fiber does not catch comes back from throwInto()': () => {
    const error = new Error('in and out');
    let cleaned = false;
    const fiber = Fiber(() => {
      try {
        Fiber.yield();
      } finally {
        cleaned = true;
      }
    });
    fiber.run();
    assert.throws(
      () => fiber.throwInto(error),
      (thrown) => thrown === error,
    );
    assert.ok(cleaned);
    assert.equal(fiber.started, false);
  },
  'throwInto() returns what is yielded next': () => {
    const fiber = Fiber(() => {
      try {
        Fiber.yield(1);
      } catch {
        Fiber.yield(2);
      }
    });
    assert.deepEqual([fiber.run(), fiber.throwInto(), fiber.run()], [1, 2, undefined]);
  },
  'throwInto() without an argument throws undefined': () => {
    const fiber = Fiber(() => {
      try {
        Fiber.yield();
      } catch (thrown) {
        return [thrown];
      }
    });
    fiber.run();
    assert.deepEqual(fiber.throwInto(), [undefined]);
  },
  'throwInto() takes one argument at most': () => {
    const fiber = Fiber(() => Fiber.yield());
    fiber.run();
    assert.throws(() => fiber.throwInto(1, 2), { name: 'TypeError', message: 'throwInto() expects 1 or no arguments' });
    fiber.run();
  },
  'throwInto() a fiber that does not yield is refused': () => {
    const message = 'This Fiber is not yielding';
    const fiber = Fiber(() => {
      assert.throws(() => fiber.throwInto(new Error()), { name: 'Error', message });
    });
    assert.throws(() => fiber.throwInto(new Error()), { name: 'Error', message });
    fiber.run();
    assert.throws(() => fiber.throwInto(new Error()), { name: 'Error', message });
  },
  'reset() of a fiber that has not started does nothing': () => {
    assert.equal(Fiber(idle).reset(), undefined);
  },
  'reset() throws at yield(), and runs finally blocks': () => {
    const seen = [];
    const fiber = Fiber(() => {
      try {
        Fiber.yield();
      } catch (error) {
        seen.push(error.message);
        throw error;
      } finally {
        seen.push('finally');
      }
    });
    fiber.run();
    assert.equal(fiber.reset(), undefined);
    assert.deepEqual(seen, ['This Fiber is a zombie', 'finally']);
    assert.equal(fiber.started, false);
  },
  'reset() returns what the function returns': () => {
    const fiber = Fiber(() => {
      try {
        Fiber.yield();
      } catch {
        return 'caught';
      }
    });
    fiber.run();
    assert.equal(fiber.reset(), 'caught');
  },
  'reset() throws what the function throws instead': () => {
    const fiber = Fiber(() => {
      try {
        Fiber.yield();
      } finally {
        assert.fail('another');
      }
    });
    fiber.run();
    assert.throws(() => fiber.reset(), { message: 'another' });
    assert.equal(fiber.started, false);
  },
  'every further yield() of a fiber that is reset throws the same error': () => {
    const seen = new Set();
    const fiber = Fiber(() => {
      for (let i = 0; i < 1000; i += 1) {
        try {
          Fiber.yield();
        } catch (error) {
          seen.add(error);
        }
      }
      return 'end';
    });
    fiber.run();
    assert.equal(fiber.reset(), 'end');
    assert.equal(seen.size, 1);
  },
  'a fiber that was reset can be run again': () => {
    const fiber = Fiber((value) => Fiber.yield(value));
    assert.equal(fiber.run(1), 1);
    fiber.reset();
    assert.equal(fiber.run(2), 2);
    assert.equal(fiber.run(3), 3);
  },
  'reset() of a fiber that runs is refused': () => {
    const fiber = Fiber(() => {
      assert.throws(() => fiber.reset(), { name: 'Error', message: 'This Fiber is not yielding' });
    });
    fiber.run();
  },
  'a fiber cannot be run, reset or thrown into while it is reset': () => {
    const fiber = Fiber(() => {
      try {
        Fiber.yield();
      } finally {
        assert.throws(() => fiber.run(), { message: 'This Fiber is already running' });
        assert.throws(() => fiber.reset(), { message: 'This Fiber is not yielding' });
        assert.throws(() => fiber.throwInto(), { message: 'This Fiber is not yielding' });
      }
    });
    fiber.run();
    fiber.reset();
  },
  'reset() takes no arguments': () => {
    const fiber = Fiber(() => Fiber.yield());
    fiber.run();
    assert.throws(() => fiber.reset(1), { name: 'TypeError', message: 'reset() expects no arguments' });
    fiber.reset();
  },
  'fibers can run inside of fibers, and end in any order': () => {
    const seen = [];
    const make = (name) =>
      Fiber(() => {
        seen.push(`${name}1`);
        Fiber.yield();
        seen.push(`${name}2`);
      });
    const [a, b] = [make('a'), make('b')];
    Fiber(() => {
      a.run();
      b.run();
      Fiber(() => a.run()).run();
    }).run();
    b.run();
    assert.deepEqual(seen, ['a1', 'b1', 'a2', 'b2']);
    assert.ok(!a.started && !b.started);
  },
  'nested fibers can end one right after the other': () => {
    let depth = 0;
    const nest = (level) => {
      depth = Math.max(depth, level);
      if (level < 100) Fiber(() => nest(level + 1)).run();
    };
    nest(0);
    assert.equal(depth, 100);
  },
  'a thousand fibers can be at work': () => {
    const fibers = Array.from({ length: 1000 }, (_, n) => Fiber(() => n + Fiber.yield(n)));
    assert.equal(
      fibers.reduce((sum, fiber) => sum + fiber.run(), 0),
      499500,
    );
    assert.deepEqual(
      fibers.map((fiber) => fiber.run(1)),
      Array.from({ length: 1000 }, (_, n) => n + 1),
    );
  },
  'poolSize is 120 and can be set': () => {
    assert.equal(Fiber.poolSize, 120);
    Fiber.poolSize = 10;
    assert.equal(Fiber.poolSize, 10);
    Fiber.poolSize = '20';
    assert.equal(Fiber.poolSize, 20);
  },
  'fibersCreated counts stacks, of which poolSize are used again': () => {
    const together = (count) => {
      const fibers = Array.from({ length: count }, () => Fiber(() => Fiber.yield()));
      for (const round of [1, 2]) fibers.forEach((fiber) => fiber.run(round));
    };
    Fiber.poolSize = 5;
    assert.equal(Fiber.fibersCreated, 0);
    together(3);
    assert.equal(Fiber.fibersCreated, 3);
    together(8);
    assert.equal(Fiber.fibersCreated, 8);
    together(8);
    assert.equal(Fiber.fibersCreated, 11);
    Fiber.fibersCreated = 1;
    assert.equal(Fiber.fibersCreated, 11);
  },
  'endless recursion is a RangeError': () => {
    const recurse = () => recurse() + 1;
    assert.throws(() => Fiber(recurse).run(), { name: 'RangeError' });
  },
  'after a stack overflow the fiber, and others, go on': () => {
    const recurse = () => recurse() + 1;
    const fiber = Fiber(() => {
      assert.throws(recurse, RangeError);
      Fiber.yield(1);
      assert.throws(recurse, RangeError);
      return 2;
    });
    assert.deepEqual([fiber.run(), fiber.run(), Fiber(() => 3).run()], [1, 2, 3]);
  },
  'yield() where the stack ends is a RangeError or works': () => {
    let values = 0;
    const dig = () => {
      try {
        dig();
      } finally {
        Fiber.yield();
      }
    };
    const fiber = Fiber(dig);
    try {
      for (fiber.run(); fiber.started; fiber.run()) values += 1;
    } catch (error) {
      assert.equal(error.name, 'RangeError');
    }
    assert.ok(values > 100);
    assert.equal(Fiber(() => 'fine').run(), 'fine');
  },
  'native code with little stack left does not crash': () => {
    const room = () => {
      let depth = 0;
      const dig = () => {
        depth += 1;
        dig();
      };
      assert.throws(dig, RangeError);
      return depth;
    };
    Fiber(() => {
      const compile = (levels) => (levels > 0 ? compile(levels - 1) : new RegExp('a'.repeat(1024), 'g'));
      for (let levels = room(); levels > 0; levels -= 50) {
        try {
          compile(levels);
          return;
        } catch (error) {
          assert.ok(error instanceof RangeError || /stack|too large/i.test(error.message), error);
        }
      }
    }).run();
  },
  'child processes work in fibers': async () => {
    const { exec } = require('node:child_process');
    const output = await new Promise((resolve) => {
      Fiber(() => {
        const fiber = Fiber.current;
        exec('echo hello', (error, stdout) => fiber.run(error ?? stdout));
        resolve(Fiber.yield());
      }).run();
    });
    assert.equal(output, 'hello\n');
  },
  'process.title can be set in a fiber': () => {
    Fiber(() => {
      process.title = 'fiber';
    }).run();
    assert.ok(['fiber', 'node'].includes(process.title));
  },
  'a fiber that yields for ever does not keep the process alive, nor count as a deadlock': () => {
    Fiber(() => Fiber.yield()).run();
  },
  'an error thrown in a fiber that a timer runs is an uncaught exception': async () => {
    const fiber = Fiber(() => {
      Fiber.yield();
      throw new Error('late');
    });
    fiber.run();
    const error = await new Promise((resolve) => {
      process.once('uncaughtException', resolve);
      setTimeout(() => fiber.run());
    });
    assert.equal(error.message, 'late');
  },
  'an async scope may be entered before yield() and left after it, while others come and go': async () => {
    const { AsyncResource, executionAsyncId } = require('node:async_hooks');
    const make = () =>
      Fiber(() => {
        const resource = new AsyncResource('TEST');
        resource.runInAsyncScope(() => {
          Fiber.yield();
          assert.equal(executionAsyncId(), resource.asyncId());
        });
      });
    const [first, second] = [make(), make()];
    first.run();
    second.run();
    await new Promise((resolve) => {
      setTimeout(() => {
        first.run();
        second.run();
        resolve();
      });
    });
    assert.ok(!first.started && !second.started);
  },
  'promise reactions can run fibers': async () => {
    const seen = [];
    const fiber = Fiber(() => {
      seen.push(Fiber.yield());
      seen.push(Fiber.yield());
    });
    fiber.run();
    await Promise.resolve(1).then((value) => fiber.run(value));
    await Promise.resolve(2).then((value) => fiber.run(value));
    assert.deepEqual(seen, [1, 2]);
  },
  'an async function called in a fiber leaves it at its first await': async () => {
    let after;
    const fiber = Fiber(async () => {
      assert.equal(Fiber.current, fiber);
      await null;
      after = Fiber.current;
    });
    await fiber.run();
    assert.equal(after, undefined);
  },
  'the constructor is the same for all copies of the module in a realm': () => {
    const path = require.resolve('verdant/fibers');
    for (const file of Object.keys(require.cache)) {
      if (file.startsWith(require('node:path').join(path, '../../..'))) delete require.cache[file];
    }
    assert.equal(require('verdant/fibers'), Fiber);
  },
});
