const assert = require('node:assert');
const Fiber = require('verdant/fibers');
const Future = require('verdant/fibers/future');
const cases = require('../../support/cases.cjs');

/** A future that is resolved after some milliseconds. */
function later(ms, value) {
  const future = new Future();
  setTimeout(() => future.return(value), ms);
  return future;
}

/** Runs a function in a fiber; a promise of what it returns. */
const inFiber = (fn) => Future.task(fn).promise();

const uncaught = () => new Promise((resolve) => process.once('uncaughtException', resolve));

cases(module, {
  'the module is the constructor': () => {
    assert.equal(typeof Future, 'function');
    assert.equal(Future.name, 'Future');
    assert.equal(Future.default, Future);
    assert.ok(new Future() instanceof Future);
  },
  'a subclass can be made in the old way': () => {
    function Mine() {
      Future.call(this);
    }
    require('node:util').inherits(Mine, Future);
    const future = new Mine();
    future.return(1);
    assert.equal(future.get(), 1);
  },
  'get() is refused before the value is there': () => {
    assert.throws(() => new Future().get(), { name: 'Error', message: 'Future must resolve before value is ready' });
  },
  'return() and get()': () => {
    const future = new Future();
    assert.equal(future.isResolved(), false);
    future.return('value');
    assert.equal(future.isResolved(), true);
    assert.equal(future.get(), 'value');
  },
  'throw() and get()': () => {
    const future = new Future();
    const error = new Error('mine');
    future.throw(error);
    assert.equal(future.isResolved(), true);
    assert.throws(
      () => future.get(),
      (thrown) => thrown === error,
    );
  },
  'an error is thrown with the frames of who asks, and then its own': () => {
    const future = new Future();
    (function whereItFailed() {
      future.throw(new Error('far away'));
    })();
    function whoAsks() {
      future.get();
    }
    for (const _ of [1, 2]) {
      assert.throws(whoAsks, ({ stack }) => {
        assert.match(stack, /^Error: far away\n {4}at [^]*whoAsks[^]*\n {4}- - - - -\n[^]*whereItFailed/);
        assert.equal(stack.split('- - - - -').length, 2);
        return true;
      });
    }
  },
  'errors that are frozen, or no errors, are thrown as they are': () => {
    for (const thing of ['text', Object.freeze(new Error('frozen'))]) {
      const future = new Future();
      future.throw(thing);
      assert.throws(
        () => future.get(),
        (thrown) => thrown === thing,
      );
    }
  },
  'a future is resolved once': () => {
    const message = 'Future resolved more than once';
    const future = new Future();
    future.return();
    assert.throws(() => future.return(), { message });
    assert.throws(() => future.throw(new Error()), { message });
  },
  'throw() needs an error': () => {
    const future = new Future();
    for (const nothing of [undefined, null, 0, '']) {
      assert.throws(() => future.throw(nothing), { name: 'Error', message: 'Must throw non-empty error' });
    }
    assert.equal(future.isResolved(), false);
  },
  'resolve() calls back when the value is there, or at once': () => {
    const seen = [];
    const future = new Future();
    assert.equal(
      future.resolve((...args) => seen.push(args)),
      future,
    );
    assert.deepEqual(seen, []);
    future.return(1);
    assert.deepEqual(seen, [[undefined, 1]]);
    future.resolve((...args) => seen.push(args));
    assert.deepEqual(seen, [
      [undefined, 1],
      [undefined, 1],
    ]);
  },
  'resolve() calls back with the error': () => {
    const seen = [];
    const error = new Error();
    const future = new Future();
    future.resolve((given) => seen.push(given));
    future.throw(error);
    future.resolve((given) => seen.push(given));
    assert.deepEqual(seen, [error, error]);
  },
  'resolve() with a future and a callback parts errors from values': () => {
    for (const early of [true, false]) {
      const values = [];
      const [good, bad, errors] = [new Future(), new Future(), new Future()];
      const settle = () => {
        good.return(1);
        bad.throw(new Error('bad'));
      };
      if (early) settle();
      good.resolve(errors, (value) => values.push(value));
      bad.resolve(errors, (value) => values.push(value));
      if (!early) settle();
      assert.deepEqual(values, [1]);
      assert.throws(() => errors.get(), /bad/);
    }
  },
  'a callback that throws hinders nobody, and is an uncaught exception': async () => {
    const seen = [];
    const future = new Future();
    future.resolve(() => {
      throw new Error('in a callback');
    });
    future.resolve((error, value) => seen.push(value));
    const reported = uncaught();
    future.return(1);
    assert.deepEqual(seen, [1]);
    assert.equal((await reported).message, 'in a callback');
  },
  'resolveSuccess() calls back with values only': () => {
    const seen = [];
    const [good, bad] = [new Future(), new Future()];
    assert.equal(
      good.resolveSuccess((value) => seen.push(value)),
      good,
    );
    bad.resolveSuccess((value) => seen.push(value));
    good.return(1);
    bad.throw(new Error());
    assert.deepEqual(seen, [1]);
  },
  'resolver() is a node-style callback': () => {
    const [good, bad] = [new Future(), new Future()];
    const [succeed, fail] = [good.resolver(), bad.resolver()];
    succeed(null, 1);
    fail(new Error('bad'));
    assert.equal(good.get(), 1);
    assert.throws(() => bad.get(), /bad/);
  },
  'proxy() passes values and errors on': () => {
    for (const settle of [(future) => future.return(1), (future) => future.throw(new Error('bad'))]) {
      const [from, to] = [new Future(), new Future()];
      from.proxy(to);
      settle(from);
      assert.equal(to.isResolved(), true);
      assert.deepEqual(to.error?.message ?? to.get(), from.error?.message ?? 1);
    }
  },
  'proxyErrors() passes errors on, to one or to several': () => {
    const [good, bad, one, two, three] = Array.from({ length: 5 }, () => new Future());
    assert.equal(good.proxyErrors(one), good);
    bad.proxyErrors([two, three]);
    good.return(1);
    bad.throw(new Error('bad'));
    assert.equal(one.isResolved(), false);
    assert.throws(() => two.get(), /bad/);
    assert.throws(() => three.get(), /bad/);
  },
  'detach() makes an error an uncaught exception': async () => {
    const reported = uncaught();
    Future.task(() => {
      throw new Error('detached');
    }).detach();
    assert.equal((await reported).message, 'detached');
  },
  'promise() is fulfilled or rejected': async () => {
    const [good, bad] = [new Future(), new Future()];
    const promises = [good.promise(), bad.promise()];
    good.return(1);
    bad.throw(new Error('bad'));
    assert.equal(await promises[0], 1);
    await assert.rejects(promises[1], /bad/);
    assert.equal(await good.promise(), 1);
  },
  'fromPromise() takes over what a promise settles to': async () => {
    const error = new Error('rejected');
    const seen = await inFiber(() => {
      const bad = Future.fromPromise(Promise.reject(error));
      assert.throws(
        () => bad.wait(),
        (thrown) => thrown === error,
      );
      return Future.fromPromise(Promise.resolve(1)).wait();
    });
    assert.equal(seen, 1);
  },
  'fromPromise() of one that is rejected with nothing is an error all the same': async () => {
    await inFiber(() => {
      assert.throws(() => Future.fromPromise(Promise.reject()).wait(), /rejected with undefined/);
    });
  },
  'wait() gives the value while others go on': async () => {
    const seen = [];
    await inFiber(() => {
      Fiber(() => seen.push(later(5, 'short').wait())).run();
      seen.push(later(20, 'long').wait());
    });
    assert.deepEqual(seen, ['short', 'long']);
  },
  'wait() throws the error': async () => {
    await inFiber(() => {
      const future = new Future();
      setTimeout(() => future.throw(new Error('late')));
      assert.throws(() => future.wait(), /late/);
    });
  },
  'wait() of a resolved future needs no fiber': () => {
    const future = new Future();
    future.return(1);
    assert.equal(future.wait(), 1);
  },
  'wait() elsewhere is refused': () => {
    const message = "Can't wait without a fiber";
    assert.throws(() => new Future().wait(), { name: 'Error', message });
    assert.throws(() => Future.wait(), { name: 'Error', message });
  },
  'wait() also works on a green thread': async () => {
    const { run, spawn, sleep } = require('verdant');
    const seen = [];
    await run(() => {
      spawn(() => seen.push('other'));
      seen.push(later(5, 'value').wait());
      Future.wait(later(1), [later(2)]);
      const future = new Future();
      spawn(() => future.throw(new Error('bad')));
      assert.throws(() => future.wait(), /bad/);
      assert.equal(Future.task(() => sleep(1) ?? 'task').wait(), 'task');
    });
    assert.deepEqual(seen, ['other', 'value']);
  },
  'a kill ends wait() on a green thread': async () => {
    const { run, spawn, sleep } = require('verdant');
    await run(() => {
      const thread = spawn(() => new Future().wait());
      sleep(1);
      thread.kill();
      thread.join();
      assert.equal(thread.state, 'killed');
    });
  },
  'Future.wait() takes futures and arrays of them, and does not throw their errors': async () => {
    await inFiber(() => {
      const [a, b, c] = [later(5, 'a'), later(1, 'b'), new Future()];
      setTimeout(() => c.throw(new Error('c')));
      assert.equal(Future.wait(a, [b, c]), undefined);
      assert.equal(a.get() + b.get(), 'ab');
      assert.throws(() => c.get(), /c/);
    });
  },
  'Future.wait() returns at once when all is there': async () => {
    await inFiber(() => {
      const future = new Future();
      future.return();
      Future.wait(future, [future]);
      Future.wait();
    });
  },
  'Future.wait() of something else is refused': async () => {
    await inFiber(() => {
      assert.throws(() => Future.wait(1), { name: 'Error', message: '1 is not a future' });
      assert.throws(() => Future.wait([new Future(), 'x']), { name: 'Error', message: 'x is not a future' });
    });
  },
  'Future.wait() runs one task that has not started on the fiber that waits': async () => {
    await inFiber(() => {
      const here = Fiber.current;
      const [first, second] = [Future.task(() => Fiber.current), Future.task(() => Fiber.current)];
      Future.wait(first, second);
      assert.equal(first.get(), here);
      assert.notEqual(second.get(), here);
    });
  },
  'whoever waits goes on before return() returns': async () => {
    const seen = [];
    const future = new Future();
    const waiter = Fiber(() => seen.push(future.wait()));
    waiter.run();
    future.return('value');
    seen.push('after');
    assert.deepEqual(seen, ['value', 'after']);
  },
  'an error in the fiber that goes on is an uncaught exception, and others live on': async () => {
    const future = new Future();
    Fiber(() => {
      future.wait();
      throw new Error('after the wait');
    }).run();
    const reported = uncaught();
    future.return();
    assert.equal((await reported).message, 'after the wait');
    assert.equal(await inFiber(() => later(1, 'alive').wait()), 'alive');
  },
  'a fiber that was reset while it waited is not started anew': async () => {
    let starts = 0;
    const future = new Future();
    const fiber = Fiber(() => {
      starts += 1;
      future.wait();
    });
    fiber.run();
    fiber.reset();
    future.return();
    assert.equal(starts, 1);
  },
  'task() runs from the next tick on, in a fiber': async () => {
    let started = false;
    const task = Future.task(() => {
      started = true;
      return later(1, Fiber.current instanceof Fiber).wait();
    });
    assert.equal(started, false);
    assert.equal(await task.promise(), true);
  },
  'task() of several functions gives an array': async () => {
    const all = Future.task(
      () => later(5, 1).wait(),
      () => 2,
      () => later(1, 3).wait(),
    );
    assert.deepEqual(await all.promise(), [1, 2, 3]);
  },
  'task() of several functions fails when all have ended, with an error of one': async () => {
    let ended = false;
    const all = Future.task(
      () => assert.fail('one'),
      () => {
        later(5).wait();
        ended = true;
      },
    );
    await assert.rejects(all.promise(), /one/);
    assert.ok(ended);
  },
  'function.future() starts a fiber at every call, with this and arguments': async () => {
    const add = function (a, b) {
      return this.base + later(1, a).wait() + b;
    }.future();
    assert.match(String(add), /^<<Future function \(a, b\) {[^]*}\.future\(\)>>$/);
    const futures = [add.call({ base: 1 }, 10, 100), add.call({ base: 2 }, 20, 200)];
    assert.deepEqual(await Promise.all(futures.map((future) => future.promise())), [111, 222]);
  },
  'function.future(true) makes errors uncaught exceptions': async () => {
    const reported = uncaught();
    (() => assert.fail('detached')).future(true)();
    assert.equal((await reported).message, 'detached');
  },
  'function.future cannot be seen, and can be replaced': () => {
    const names = [];
    for (const name in () => undefined) names.push(name);
    assert.deepEqual(names, []);
    Function.prototype.future = 'mine';
    assert.equal((() => undefined).future, 'mine');
  },
  'wrap() of a function returns futures': async () => {
    const stat = Future.wrap(require('node:fs').stat);
    await inFiber(() => {
      assert.ok(stat(__filename).wait().isFile());
      assert.throws(() => stat('/does/not/exist').wait(), { code: 'ENOENT' });
    });
  },
  'wrap() keeps this, and what the function itself returns': async () => {
    const object = {
      base: 1,
      add: Future.wrap(function (n, callback) {
        setImmediate(callback, null, this.base + n);
        return 'itself';
      }),
    };
    const future = object.add(2);
    assert.equal(future._, 'itself');
    assert.equal(await future.promise(), 3);
  },
  'wrap() with multi gives all values of the callback': async () => {
    const two = Future.wrap((callback) => callback(null, 1, 2), true);
    const fails = Future.wrap((callback) => callback(new Error('bad'), 1), true);
    assert.deepEqual(two().get(), [1, 2]);
    assert.throws(() => fails().get(), /bad/);
  },
  'wrap() of an object inherits from it, and adds functions with a suffix': async () => {
    const object = {
      value: 1,
      get(callback) {
        callback(null, this.value);
      },
    };
    const wrapped = Future.wrap(object);
    assert.equal(Object.getPrototypeOf(wrapped), object);
    assert.equal(wrapped.getFuture().get(), 1);
    assert.equal(Future.wrap(object, false, 'Later').getLater().get(), 1);
    assert.deepEqual(Object.keys(object), ['value', 'get']);
  },
  'wrap() of a function wraps the functions that are its properties': () => {
    const fn = (callback) => callback(null, 'self');
    fn.sub = (callback) => callback(null, 'sub');
    fn.plain = 1;
    const wrapped = Future.wrap(fn);
    assert.equal(wrapped().get(), 'self');
    assert.equal(wrapped.subFuture().get(), 'sub');
    assert.equal(wrapped.plain, 1);
    assert.equal(wrapped.sub, fn.sub);
  },
  'wrap() of whole modules prints no warnings': async () => {
    for (const name of ['fs', 'child_process', 'dns', 'crypto', 'zlib']) Future.wrap(require(`node:${name}`));
    const fs = Future.wrap(require('node:fs'));
    const text = await inFiber(() => fs.readFileFuture(__filename, 'utf8').wait());
    assert.match(text, /^const assert/);
  },
  'wrap() of something else is nothing': () => {
    for (const thing of [1, 'text', undefined, null]) assert.equal(Future.wrap(thing), undefined);
  },
});
