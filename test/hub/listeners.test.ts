// hub.add and hub.remove, on every hub: callbacks for descriptors, level-triggered, in line with whoever else waits.
import { AsyncLocalStorage } from 'node:async_hooks';
import { closeSync, openSync } from 'node:fs';
import { getCurrent, run, sleep, spawn } from 'verdant';
import { getHub, type Listener, notifyClose, waitReadable } from 'verdant/hub';
import { socketPair } from 'verdant/net';
import { code, thrown } from '../core/thrown';
import { expectOk } from '../support/children';
import { childOn, describeEveryHub, passes } from '../support/every_hub';
import { Pipe } from '../support/pipe';

const several = { multipleReaders: true };

describeEveryHub((name) => {
  let pipe: Pipe;
  let added: Listener[];
  beforeEach(() => {
    pipe = new Pipe();
    added = [];
  });
  afterEach(() => {
    for (const listener of added) getHub().remove(listener);
    pipe.close();
    expect(getHub().stats()).toMatchObject({ greenThreads: 0, listeners: 0 });
  });

  function add(callback: () => void, options?: { multipleReaders?: boolean }): Listener {
    const listener = getHub().add('read', pipe.readEnd, callback, options);
    added.push(listener);
    return listener;
  }

  test('it is called when there is something to read, and not before', async () => {
    const seen: string[] = [];
    add(() => seen.push(pipe.read()));
    await run(() => {
      passes();
      expect(seen).toEqual([]);
      pipe.write('one');
      passes();
      pipe.write('two');
      passes();
    });
    expect(seen).toEqual(['one', 'two']);
  });

  test('what was there before it was added counts, too', async () => {
    pipe.write('before');
    await new Promise<void>((resolve) => {
      add(() => {
        expect(pipe.read()).toBe('before');
        resolve();
      });
    });
    expect(getHub().stats().listeners).toBe(1);
  });

  test('as long as it stays ready, it is called once in each turn', async () => {
    pipe.write('123');
    const turns: number[] = [];
    await new Promise<void>((resolve) => {
      add(() => {
        turns.push(getHub().stats().turns);
        if (turns.length > 2) pipe.read(1);
        if (turns.length === 5) resolve();
      });
    });
    expect(new Set(turns).size).toBe(turns.length);
    const { length } = turns;
    await run(() => passes());
    expect(turns).toHaveLength(length);
  });

  test('it is called outside of green threads, in the async context of who added it, and may start green threads', async () => {
    const store = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    await run(() => {
      store.run('mine', () =>
        add(() => {
          seen.push(getCurrent(), store.getStore());
          pipe.read();
          spawn(() => {
            sleep(0);
            seen.push('spawned');
          });
        }),
      );
      pipe.write('x');
      passes();
    });
    expect(seen).toEqual([null, 'mine', 'spawned']);
  });

  test('a listener for room to write is called as long as there is some', async () => {
    pipe.fill();
    let calls = 0;
    const listener = getHub().add('write', pipe.writeEnd, () => (calls += 1));
    added.push(listener);
    await run(() => {
      passes();
      expect(calls).toBe(0);
      pipe.drain();
      passes();
      expect(calls).toBeGreaterThanOrEqual(2);
      getHub().remove(listener);
      const before = calls;
      passes();
      expect(calls).toBe(before);
    });
  });

  test('the end of the stream is something to read', async () => {
    await run(() => {
      let ended = false;
      const listener = add(() => {
        ended = pipe.read() === '';
        getHub().remove(listener);
      });
      pipe.close(pipe.writeEnd);
      passes();
      expect(ended).toBe(true);
    });
  });

  test('remove says whether it was there, and may be called again', () => {
    const listener = add(() => undefined);
    expect([listener.active, listener.kind, listener.fd]).toEqual([true, 'read', pipe.readEnd]);
    expect(getHub().remove(listener)).toBe(true);
    expect(listener.active).toBe(false);
    expect(getHub().remove(listener)).toBe(false);
  });

  test('removed between its event and its call, it is not called', async () => {
    const called = jest.fn();
    await run(() => {
      const listener = add(called);
      const other = getHub().add('write', pipe.writeEnd, () => getHub().remove(listener));
      pipe.write('x');
      passes();
      getHub().remove(other);
    });
    // Whichever of the two is told first in the first turn: never again after that.
    expect(called.mock.calls.length).toBeLessThanOrEqual(1);
  });

  test('removed by itself in its call, it is not called again', async () => {
    let calls = 0;
    await run(() => {
      const listener = add(() => {
        calls += 1;
        getHub().remove(listener);
      });
      pipe.write('x');
      passes();
    });
    expect(calls).toBe(1);
  });

  test('a second one is refused unless it asks, and the error says where the first was added', () => {
    function firstAddedHere(): void {
      add(() => undefined);
    }
    firstAddedHere();
    const error = thrown(() => add(() => undefined)) as Error;
    expect(error).toEqual(code('ERR_VERDANT_CONCURRENT_USE'));
    expect(error.message).toMatch(/The first: a listener added[^]*at firstAddedHere .*listeners\.test/);
    expect(getHub().stats().listeners).toBe(1);
  });

  test('a green thread beside a listener is refused, and a listener beside a green thread', async () => {
    await run(() => {
      const listener = add(() => undefined);
      expect(thrown(() => waitReadable(pipe.readEnd))).toEqual(code('ERR_VERDANT_CONCURRENT_USE'));
      getHub().remove(listener);
      const reader = spawn({ name: 'reader' }, () => waitReadable(pipe.readEnd));
      sleep(0);
      const error = thrown(() => add(() => undefined)) as Error;
      expect(error.message).toMatch(/The first: reader \(suspended\)[^]*The second: a listener/);
      pipe.write('x');
      reader.wait();
    });
  });

  test('of several, the first in line is called; when it is removed, the next is', async () => {
    const seen: string[] = [];
    await run(() => {
      const [first] = ['a', 'b', 'c'].map((name) => add(() => seen.push(name + pipe.read(1)), several));
      pipe.write('1');
      passes();
      getHub().remove(first!);
      pipe.write('2');
      passes();
    });
    expect(seen).toEqual(['a1', 'b2']);
  });

  // eventlet's issue 498: the loop went on to tell of a listener that was gone, for ever, and the next was not told.
  test('when the first of several is removed before it has taken anything, the next is called and nothing spins', async () => {
    const seen: string[] = [];
    await run(() => {
      const first = add(() => getHub().remove(first), several);
      add(() => seen.push(pipe.read()), several);
      pipe.write('x');
      passes();
      expect(seen).toEqual(['x']);
      const { turns } = getHub().stats();
      let ticks = 0;
      const interval = setInterval(() => (ticks += 1), 2);
      while (ticks < 10) sleep(2);
      clearInterval(interval);
      // Each sleep takes a turn or two: a hub that spins would take thousands.
      expect(getHub().stats().turns - turns).toBeLessThan(100);
    });
  });

  test('a green thread behind a listener gets what is left when the listener goes', async () => {
    await run(() => {
      const listener = add(() => getHub().remove(listener), several);
      const reader = spawn(() => (waitReadable(pipe.readEnd, several), pipe.read()));
      sleep(0);
      expect(getHub().stats().listeners).toBe(2);
      pipe.write('x');
      expect(reader.wait()).toBe('x');
    });
  });

  test('two listeners of one descriptor, one for each direction, are told apart', async () => {
    const [left, right] = socketPair();
    const seen: string[] = [];
    const write = getHub().add('write', left.fd, () => {
      seen.push('write');
      getHub().remove(write);
    });
    const read = getHub().add('read', left.fd, () => {
      seen.push('read');
      getHub().remove(read);
    });
    await run(() => {
      passes();
      expect(seen).toEqual(['write']);
      right.send('x');
      passes();
    });
    expect(seen).toEqual(['write', 'read']);
    left.close();
    right.close();
  });

  test('after notifyClose it is gone, and never called for the next descriptor of that number', async () => {
    const called = jest.fn();
    const { readEnd } = pipe;
    const listener = add(called);
    notifyClose(readEnd);
    pipe.close();
    expect(listener.active).toBe(false);
    expect(getHub().stats().listeners).toBe(0);
    const next = new Pipe();
    expect([next.readEnd, next.writeEnd]).toContain(readEnd);
    next.write('x');
    await run(() => passes());
    expect(called).not.toHaveBeenCalled();
    expect(getHub().remove(listener)).toBe(false);
    next.close();
  });

  test('notifyClose between its event and its call keeps it from being called', async () => {
    const called = jest.fn();
    await run(() => {
      pipe.write('x');
      add(called);
      getHub().runThreadsafe(() => notifyClose(pipe.readEnd));
      notifyClose(pipe.readEnd);
      passes();
    });
    expect(called).not.toHaveBeenCalled();
  });

  test('when its socket is closed, it is gone', async () => {
    const [left, right] = socketPair();
    const called = jest.fn();
    const listener = getHub().add('read', left.fd, called);
    left.close();
    expect(listener.active).toBe(false);
    expect(getHub().stats().listeners).toBe(0);
    right.close();
    await run(() => passes());
    expect(called).not.toHaveBeenCalled();
  });

  test('a callback that throws is an uncaught exception, and is called again', async () => {
    await expectOk(__dirname, 'listener_throws.cjs', childOn(name));
  });

  test('bad descriptors and wrong arguments are refused, and nothing is added', () => {
    const hub = getHub();
    const closed = openSync(__filename, 'r');
    closeSync(closed);
    const callback = (): void => undefined;
    expect(thrown(() => hub.add('read', closed, callback))).toEqual(code('EBADF'));
    expect(thrown(() => hub.add('both' as never, pipe.readEnd, callback))).toEqual(code('ERR_INVALID_ARG_TYPE'));
    expect(thrown(() => hub.add('read', '1' as never, callback))).toEqual(code('ERR_INVALID_ARG_TYPE'));
    expect(thrown(() => hub.add('read', -1, callback))).toEqual(code('ERR_OUT_OF_RANGE'));
    expect(thrown(() => hub.add('read', 2 ** 32, callback))).toEqual(code('ERR_OUT_OF_RANGE'));
    expect(thrown(() => hub.add('read', pipe.readEnd, {} as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
    expect(thrown(() => hub.remove({} as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
    expect(hub.stats().listeners).toBe(0);
  });
});
