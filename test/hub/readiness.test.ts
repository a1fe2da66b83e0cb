// waitReadable, waitWritable and trampoline, on every hub: what they wait for, and what ends the wait.
import { closeSync, openSync } from 'node:fs';
import { type GreenThread, isTimeout, run, sleep, spawn, withTimeout } from 'verdant';
import { getHub, notifyClose, trampoline, waitReadable, waitWritable } from 'verdant/hub';
import { listen, socketPair } from 'verdant/net';
import { code, thrown } from '../core/thrown';
import { describeEveryHub, passes } from '../support/every_hub';
import { Pipe } from '../support/pipe';

const listeners = (): number => getHub().stats().listeners;

/** A green thread that has begun to wait for the descriptor. */
function parkedOn(wait: () => void): GreenThread<void> {
  const thread = spawn(wait);
  sleep(0);
  expect(thread.state).toBe('suspended');
  return thread;
}

describeEveryHub(() => {
  let pipe: Pipe;
  beforeEach(() => {
    pipe = new Pipe();
  });
  afterEach(() => {
    pipe.close();
    expect(getHub().stats()).toMatchObject({ greenThreads: 0, listeners: 0, timers: 0 });
  });

  test('waitReadable returns when there is something to read, and not before', async () => {
    await run(() => {
      const reader = parkedOn(() => waitReadable(pipe.readEnd));
      passes();
      expect(reader.state).toBe('suspended');
      pipe.write('x');
      reader.wait();
      expect(pipe.read()).toBe('x');
    });
  });

  test('waitReadable returns at once, without a turn, when there is something already', async () => {
    await run(() => {
      pipe.write('x');
      const { turns } = getHub().stats();
      const other = jest.fn();
      spawn(other);
      waitReadable(pipe.readEnd);
      expect(getHub().stats().turns).toBe(turns);
      expect(other).not.toHaveBeenCalled();
      sleep(0);
    });
  });

  test('waitReadable returns at the end of what can be read', async () => {
    await run(() => {
      const reader = parkedOn(() => waitReadable(pipe.readEnd));
      pipe.close(pipe.writeEnd);
      reader.wait();
      expect(pipe.read()).toBe('');
      waitReadable(pipe.readEnd);
    });
  });

  test('waitWritable returns when there is room, and not before', async () => {
    await run(() => {
      pipe.fill();
      const writer = parkedOn(() => waitWritable(pipe.writeEnd));
      passes();
      expect(writer.state).toBe('suspended');
      pipe.drain();
      writer.wait();
      pipe.write('x');
      waitWritable(pipe.writeEnd);
    });
  });

  test('waitWritable returns when nobody will ever read', async () => {
    await run(() => {
      pipe.fill();
      const writer = parkedOn(() => waitWritable(pipe.writeEnd));
      pipe.close(pipe.readEnd);
      writer.wait();
      expect(thrown(() => pipe.write('x'))).toEqual(code('EPIPE'));
      waitWritable(pipe.writeEnd);
    });
  });

  test('the same descriptor is waited for again and again', async () => {
    await run(() => {
      for (let round = 0; round < 50; round += 1) {
        const reader = parkedOn(() => waitReadable(pipe.readEnd));
        pipe.write(String(round));
        reader.wait();
        expect(pipe.read()).toBe(String(round));
      }
    });
  });

  test('a descriptor that was emptied in part is ready at once', async () => {
    await run(() => {
      const reader = parkedOn(() => waitReadable(pipe.readEnd));
      pipe.write('ab');
      reader.wait();
      expect(pipe.read(1)).toBe('a');
      waitReadable(pipe.readEnd, { timeout: 0 });
      expect(pipe.read()).toBe('b');
    });
  });

  test('one green thread waits to read and another to write, each for its own', async () => {
    const [left, right] = socketPair();
    await run(() => {
      const filler = spawn(() => left.sendAll(Buffer.alloc(1 << 20)));
      sleep(0);
      const reader = parkedOn(() => waitReadable(left.fd));
      passes();
      expect([filler.state, reader.state]).toEqual(['suspended', 'suspended']);
      right.send('x');
      reader.wait();
      expect(filler.state).toBe('suspended');
      right.recvExactly(1 << 20);
      filler.wait();
      expect(left.recv().toString()).toBe('x');
    });
    left.close();
    right.close();
  });

  test('a socket may be waited for by its number, and goes on to work by itself', async () => {
    const [left, right] = socketPair();
    await run(() => {
      const watcher = parkedOn(() => waitReadable(right.fd));
      const sender = spawn(() => right.sendAll(Buffer.alloc(1 << 20)));
      sleep(0);
      left.recvExactly(1 << 20);
      sender.wait();
      left.send('x');
      watcher.wait();
      expect(right.recv().toString()).toBe('x');
      const receiver = spawn(() => right.recv(1, { timeout: 2_000 }));
      sleep(0);
      left.send('y');
      expect(receiver.wait().toString()).toBe('y');
    });
    left.close();
    right.close();
  });

  test('a listening socket is readable when a connection is there', async () => {
    const listener = listen('127.0.0.1:0');
    const { connect } = await import('verdant/net');
    await run(() => {
      const waiter = parkedOn(() => waitReadable(listener.fd));
      const client = spawn(() => connect(listener.address));
      waiter.wait();
      listener.accept({ timeout: 0 }).close();
      client.wait().close();
      expect(listeners()).toBe(0);
    });
    listener.close();
  });

  test('trampoline waits for the one it is told', async () => {
    await run(() => {
      pipe.fill();
      const writer = parkedOn(() => trampoline(pipe.writeEnd, { write: true }));
      pipe.drain();
      writer.wait();
      const reader = parkedOn(() => trampoline(pipe.readEnd, { read: true }));
      pipe.write('x');
      reader.wait();
      expect(pipe.read()).toBe('x');
    });
  });

  test.each([
    ['a timeout', () => waitReadable(pipe.readEnd, { timeout: 5 }), 'ERR_VERDANT_TIMEOUT'],
    ['a Timeout', () => withTimeout(5, () => waitReadable(pipe.readEnd)), 'ERR_VERDANT_TIMEOUT'],
    ['a timeout of nothing', () => waitReadable(pipe.readEnd, { timeout: 0 }), 'ERR_VERDANT_TIMEOUT'],
    ['a signal', () => waitReadable(pipe.readEnd, { signal: abortSoon() }), 'ABORTED'],
    ['a signal that has aborted', () => waitReadable(pipe.readEnd, { signal: aborted() }), 'ABORTED'],
    ['trampoline with a timeout', () => trampoline(pipe.readEnd, { read: true, timeout: 5 }), 'ERR_VERDANT_TIMEOUT'],
  ])('%s ends the wait and leaves nothing', async (_, wait, expected) => {
    await run(() => {
      expect(thrown(wait)).toEqual(code(expected));
      expect(listeners()).toBe(0);
    });
  });

  test('a kill ends the wait, runs finally, and leaves nothing', async () => {
    await run(() => {
      const seen: number[] = [];
      const reader = parkedOn(() => {
        try {
          waitReadable(pipe.readEnd);
        } finally {
          seen.push(listeners());
        }
      });
      expect(listeners()).toBe(1);
      reader.kill();
      expect(reader.join()).toBe(true);
      expect(seen).toEqual([0]);
      expect(reader.state).toBe('killed');
    });
  });

  test('a signal that has aborted is obeyed although there is something to read', async () => {
    pipe.write('x');
    await run(() => {
      expect(thrown(() => waitReadable(pipe.readEnd, { signal: aborted() }))).toEqual(code('ABORTED'));
    });
  });

  test('after each kind of interruption the next wait is woken as ever', async () => {
    await run(() => {
      thrown(() => waitReadable(pipe.readEnd, { timeout: 0 }));
      thrown(() => waitReadable(pipe.readEnd, { signal: abortSoon() }));
      parkedOn(() => waitReadable(pipe.readEnd)).kill();
      sleep(0);
      const reader = parkedOn(() => waitReadable(pipe.readEnd));
      pipe.write('x');
      reader.wait();
      expect(pipe.read()).toBe('x');
    });
  });

  test('what comes at the very time of the timeout is a timeout or readiness, and never lost', async () => {
    await run(() => {
      for (let round = 0; round < 30; round += 1) {
        const reader = spawn(() => waitReadable(pipe.readEnd, { timeout: 1 }));
        sleep(1);
        pipe.write('x');
        reader.join();
        if (reader.state === 'failed') expect(isTimeout(reader.error)).toBe(true);
        waitReadable(pipe.readEnd, { timeout: 1_000 });
        expect(pipe.read()).toBe('x');
      }
    });
  });

  test.each([
    ['waitReadable', (fd: number) => waitReadable(fd)],
    ['waitWritable', (fd: number) => waitWritable(fd)],
    ['trampoline', (fd: number) => trampoline(fd, { read: true })],
  ])('%s of a regular file returns at once', async (_, wait) => {
    const file = openSync(__filename, 'r');
    try {
      await run(() => {
        wait(file);
        expect(listeners()).toBe(0);
      });
    } finally {
      closeSync(file);
    }
  });

  test.each([
    ['waitReadable', (fd: number) => waitReadable(fd)],
    ['waitWritable', (fd: number) => waitWritable(fd)],
    ['trampoline', (fd: number) => trampoline(fd, { write: true })],
  ])('%s of what is no open descriptor throws EBADF', async (_, wait) => {
    const fd = openSync(__filename, 'r');
    closeSync(fd);
    await run(() => {
      for (const bad of [fd, 1_000_000]) {
        expect(thrown(() => wait(bad))).toMatchObject({ code: 'EBADF', syscall: 'poll' });
      }
      expect(listeners()).toBe(0);
    });
  });

  test('wrong arguments are refused before anything else', async () => {
    const invalid = code('ERR_INVALID_ARG_TYPE');
    await run(() => {
      for (const fd of ['1', null, undefined, {}] as never[]) {
        for (const call of [waitReadable, waitWritable, notifyClose]) expect(thrown(() => call(fd))).toEqual(invalid);
      }
      for (const fd of [-1, 0.5, NaN, 2 ** 53]) {
        expect(thrown(() => waitReadable(fd))).toEqual(code('ERR_OUT_OF_RANGE'));
      }
      for (const options of [{}, { read: true, write: true }, undefined, null] as never[]) {
        expect(thrown(() => trampoline(pipe.readEnd, options))).toEqual(invalid);
      }
      expect(thrown(() => waitReadable(pipe.readEnd, { timeout: -1 }))).toEqual(code('ERR_OUT_OF_RANGE'));
      expect(thrown(() => waitReadable(pipe.readEnd, { signal: {} as never }))).toEqual(invalid);
      expect(listeners()).toBe(0);
    });
  });

  test('outside of a green thread they are refused, ready or not', () => {
    const notGreen = code('ERR_VERDANT_NOT_GREEN');
    expect(thrown(() => waitReadable(pipe.readEnd))).toEqual(notGreen);
    expect(thrown(() => waitWritable(pipe.writeEnd))).toEqual(notGreen);
    expect(thrown(() => trampoline(pipe.readEnd, { read: true }))).toEqual(notGreen);
  });
});

function abortSoon(): AbortSignal {
  const controller = new AbortController();
  setImmediate(() => controller.abort(Object.assign(new Error('aborted'), { code: 'ABORTED' })));
  return controller.signal;
}

function aborted(): AbortSignal {
  return AbortSignal.abort(Object.assign(new Error('aborted'), { code: 'ABORTED' }));
}
