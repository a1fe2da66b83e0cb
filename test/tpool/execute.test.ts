// execute: what may run on a worker thread, what gets there and back, and that the hub goes on meanwhile.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { getCurrent, run, sleep, spawn } from 'verdant';
import { execute, killAll, move, proxy, statistics } from 'verdant/tpool';

const tasks = join(__dirname, 'support/tasks.cjs');

afterEach(() => killAll());

test('a function runs on another thread, with its arguments', async () => {
  await run(() => {
    const there = execute(
      (a: number, b: number) => [a + b, require('node:worker_threads').isMainThread as boolean],
      1,
      2,
    );
    expect(there).toEqual([3, false]);
  });
});

test('a promise is waited for on the other thread', async () => {
  await run(() => {
    expect(execute(async (n: number) => Promise.resolve(n + 1), 1)).toBe(2);
  });
});

test('methods and generators of every form of source can be sent', async () => {
  await run(() => {
    const classic = function (n: number): number {
      return n + 4;
    };
    const holder = {
      shorthand(n: number) {
        return n + 1;
      },
      async later(n: number) {
        return n + 2;
      },
      arrow: (n: number) => n + 3,
      classic,
    };
    expect(execute(holder.shorthand, 0)).toBe(1);
    expect(execute(holder.later, 0)).toBe(2);
    expect(execute(holder.arrow, 0)).toBe(3);
    expect(execute(holder.classic, 0)).toBe(4);
  });
});

test('a function that cannot be sent is refused where it is called', async () => {
  await run(() => {
    class Local extends Array {}
    for (const fn of [Math.max, ((n: number) => n).bind(null), Local] as unknown[]) {
      expect(() => execute(fn as () => unknown)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
    }
    for (const wrong of [5, null, '', {}]) {
      expect(() => execute(wrong as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
    }
  });
});

test('the scope of a function is not sent with it', async () => {
  await run(() => {
    const outside = 1;
    expect(() => execute(() => outside)).toThrow(expect.objectContaining({ name: 'ReferenceError' }));
  });
});

test('a function of a module is found by path, URL, name and export', async () => {
  await run(() => {
    expect(execute(join(__dirname, 'support/default_export.cjs'), 'you')).toBe('hello you');
    expect(execute(pathToFileURL(join(__dirname, 'support/module.mjs')), 'you')).toBe('bye you');
    expect(execute({ module: join(__dirname, 'support/module.mjs'), name: 'triple' }, 2)).toBe(6);
    expect(execute({ module: tasks, name: 'nested.twice' }, 2)).toBe(4);
    expect(execute({ module: 'node:path', name: 'basename' }, '/a/b')).toBe('b');
  });
});

test('a relative path is refused, and what is no function is told', async () => {
  await run(() => {
    expect(() => execute('./support/tasks.cjs')).toThrow(/absolute/);
    expect(() => execute({ module: tasks, name: 'constant' })).toThrow(/constant of .* is not a function/);
    expect(() => execute(tasks)).toThrow(/is not a function/);
    expect(() => execute('/no/such/file.js')).toThrow(expect.objectContaining({ code: 'ERR_MODULE_NOT_FOUND' }));
  });
});

test('outside of a green thread it throws', () => {
  expect(() => execute(() => 1)).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_NOT_GREEN' }));
});

test('an error comes back as what it was, with both stacks', async () => {
  await run(function caller() {
    let caught: unknown;
    try {
      execute({ module: tasks, name: 'fail' }, 'broken');
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ name: 'CodedError', code: 'ERR_CODED', message: 'broken', details: { row: 3 } });
    expect(caught).toBeInstanceOf(Error);
    const { stack } = caught as Error;
    expect(stack).toMatch(/CodedError: broken[^]*tasks\.cjs[^]*on a worker thread, called at[^]*execute\.test\.ts/);
  });
});

test('errors keep their class, cause and errors', async () => {
  await run(() => {
    const thrown = (fn: () => never): unknown => {
      try {
        return execute(fn);
      } catch (error) {
        return error;
      }
    };
    expect(
      thrown(() => {
        throw new RangeError('far', { cause: new TypeError('deep') });
      }),
    ).toMatchObject({ name: 'RangeError', message: 'far', cause: { name: 'TypeError', message: 'deep' } });
    expect(
      thrown(() => {
        throw new AggregateError([new Error('one'), 2], 'many');
      }),
    ).toMatchObject({ name: 'AggregateError', message: 'many', errors: [{ message: 'one' }, 2] });
    expect(
      thrown(() => {
        throw { plain: true };
      }),
    ).toEqual({ plain: true });
    expect(
      thrown(() => {
        throw undefined;
      }),
    ).toBe(undefined);
    expect(
      thrown(() => {
        const round: Error & { self?: unknown } = new Error('round');
        round.cause = round;
        round.self = () => 1;
        throw round;
      }),
    ).toMatchObject({ message: 'round', cause: { message: 'round' } });
  });
});

test('what cannot be copied is told, and the thread lives on', async () => {
  await run(() => {
    const first = execute({ module: tasks, name: 'whichThread' });
    expect(() => execute(() => () => 1)).toThrow(expect.objectContaining({ name: 'DataCloneError' }));
    expect(() => execute(() => ({ deep: [Symbol('s')] }))).toThrow(expect.objectContaining({ name: 'DataCloneError' }));
    expect(() =>
      execute(
        (fn: () => void) => typeof fn,
        () => undefined,
      ),
    ).toThrow(expect.objectContaining({ name: 'DataCloneError' }));
    expect(execute({ module: tasks, name: 'whichThread' })).toBe(first);
  });
});

test('what is transferred is moved there and back, and not copied', async () => {
  await run(() => {
    const bytes = new Uint8Array(1000).fill(1);
    const back = execute(
      { transfer: [bytes.buffer] },
      function (given: Uint8Array) {
        given[0] = 9;
        (globalThis as { kept?: Uint8Array }).kept = given;
        return (require('verdant/tpool') as { move: typeof move }).move(given);
      },
      bytes,
    );
    expect(bytes.byteLength).toBe(0);
    expect([back.length, back[0], back[1]]).toEqual([1000, 9, 1]);
    expect(execute(() => (globalThis as { kept?: Uint8Array }).kept?.byteLength)).toBe(0);
  });
});

test('the hub goes on while a thread computes', async () => {
  await run(() => {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    spawn(() => {
      for (let tick = 0; tick < 10; tick += 1) sleep(1);
      Atomics.store(cell, 0, 1);
    });
    // It would compute for ever if it held up the green thread that ends it.
    execute((shared: Int32Array) => {
      while (Atomics.load(shared, 0) === 0);
    }, cell);
    expect(Atomics.load(cell, 0)).toBe(1);
  });
});

test('calls that wait for a thread are served in their order', async () => {
  await run(() => {
    const order: number[] = [];
    const threads = Array.from({ length: 40 }, (_, index) =>
      spawn(() => {
        execute({ module: tasks, name: 'countCalls' });
        order.push(index);
        return getCurrent() !== null;
      }),
    );
    sleep(0);
    const { size, running, waiting } = statistics();
    expect([running, waiting]).toEqual([size, 40 - size]);
    expect(threads.map((thread) => thread.wait())).toEqual(threads.map(() => true));
    expect([...order].sort((a, b) => a - b)).toEqual(threads.map((_, index) => index));
    expect(statistics()).toMatchObject({ running: 0, waiting: 0 });
  });
});

test('a proxy calls the functions of a module', async () => {
  await run(() => {
    const there = proxy<{ add(a: number, b: number): number; nested: { twice(n: number): Promise<number> } }>(tasks);
    expect(there.add(2, 3)).toBe(5);
    expect(there.nested.twice(4)).toBe(8);
    expect((there as { then?: unknown }).then).toBe(undefined);
    expect(() => (there as unknown as { absent: () => void }).absent()).toThrow(/absent of .* is not a function/);
  });
  expect(() => proxy('./tasks.cjs')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
});

test('move on the calling thread changes nothing that a caller sees', () => {
  expect(move(new Uint8Array(1))).toMatchObject({ value: new Uint8Array(1) });
});
