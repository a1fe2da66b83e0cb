// One hub after another in the same thread: sockets outlive the hub, and a hub that is destroyed leaves nothing.
import { readdirSync, readlinkSync } from 'node:fs';
import { setImmediate as nextPass } from 'node:timers/promises';
import { run, sleep, spawn } from 'verdant';
import { getHub, useHub, waitReadable } from 'verdant/hub';
import { listen, connect, socketPair } from 'verdant/net';
import { code, thrown } from '../core/thrown';
import { describeEveryHub, everyHub } from '../support/every_hub';
import { Pipe } from '../support/pipe';

const closed = code('ERR_VERDANT_CLOSED');

/** How many epoll descriptors this process has. */
function reactors(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === 'anon_inode:[eventpoll]';
    } catch {
      return false; // the one with which the folder itself is read
    }
  }).length;
}

describeEveryHub((_, kind) => {
  beforeEach(() => {
    useHub(kind);
  });

  test.each(everyHub)('sockets that were used here work on the %s hub that follows', async (_name, next) => {
    const [left, right] = socketPair();
    const use = (): void => {
      const receiver = spawn(() => right.recvExactly(1 << 20).toString('latin1', 0, 1));
      sleep(0);
      left.sendAll(Buffer.alloc(1 << 20, 'x'));
      expect(receiver.wait()).toBe('x');
    };
    await run(use);
    useHub(next);
    await run(use);
    expect(getHub().stats().listeners).toBe(0);
    left.close();
    right.close();
  });

  test.each(everyHub)('a listener that was made here accepts on the %s hub that follows', async (_name, next) => {
    const listener = listen('127.0.0.1:0');
    const use = (): void => {
      const server = spawn(() => {
        using socket = listener.accept();
        socket.sendAll(socket.recvExactly(5));
      });
      sleep(0);
      using client = connect(listener.address);
      client.sendAll('hello');
      expect(client.recvExactly(5).toString()).toBe('hello');
      server.wait();
    };
    await run(use);
    useHub(next);
    await run(use);
    listener.close();
  });

  test('what was received and not yet asked for is not lost', async () => {
    const [left, right] = socketPair();
    await run(() => {
      left.sendAll('one\ntwo\n');
      expect(right.recvLine()).toBe('one');
    });
    useHub(kind);
    left.close();
    await run(() => expect([...right.lines()]).toEqual(['two']));
    right.close();
  });

  test('destroy ends every wait for a descriptor, runs finally blocks, and leaves nobody waiting', async () => {
    const [left, right] = socketPair();
    const [silent, peer] = socketPair();
    const pipe = new Pipe();
    const seen: string[] = [];
    const hub = getHub();
    const threads = [
      () => silent.recv(),
      () => right.sendAll(Buffer.alloc(1 << 20)),
      () => waitReadable(pipe.readEnd),
    ].map((wait, index) =>
      spawn(() => {
        try {
          wait();
        } finally {
          seen.push(`finally ${index}`);
        }
      }),
    );
    await run(() => sleep(0));
    expect(hub.stats().listeners).toBe(3);
    hub.destroy();
    expect(seen).toEqual(['finally 0', 'finally 1', 'finally 2']);
    expect(threads.map((thread) => thread.state)).toEqual(['killed', 'killed', 'killed']);
    expect(hub.stats().listeners).toBe(0);
    pipe.close();
    for (const socket of [left, right, silent, peer]) socket.close();
  });

  test('destroy takes listeners back: they are not active any more, and in nobody else\u2019s way', async () => {
    const [left, right] = socketPair();
    await run(() => {
      // So that the socket knows the descriptor that the listener waits for.
      const sender = spawn(() => left.sendAll(Buffer.alloc(1 << 20)));
      sleep(0);
      right.recvExactly(1 << 20);
      sender.wait();
    });
    const hub = getHub();
    const called = jest.fn();
    const listener = hub.add('write', left.fd, called);
    useHub(kind);
    expect(listener.active).toBe(false);
    expect(hub.stats().listeners).toBe(0);
    expect(hub.remove(listener)).toBe(false);
    expect(thrown(() => hub.add('read', left.fd, called))).toEqual(closed);
    await run(() => left.sendAll('x'));
    expect(called).not.toHaveBeenCalled();
    left.close();
    right.close();
  });

  test('sockets may be closed after their hub is gone, and when there is none', async () => {
    const [left, right] = socketPair();
    await run(() => {
      spawn(() => thrown(() => left.recv()));
      sleep(0);
    });
    getHub().destroy();
    left.close();
    right.close();
    expect([left.closed, right.closed]).toEqual([true, true]);
  });

  test('a finally block may close its socket, and may try to go on, while the hub is destroyed', async () => {
    const [left, right] = socketPair();
    const errors: unknown[] = [];
    spawn(() => {
      try {
        left.recv();
      } finally {
        errors.push(thrown(() => right.recv()));
        left.close();
      }
    });
    await run(() => sleep(0));
    getHub().destroy();
    expect(errors).toEqual([code('ERR_VERDANT_KILLED')]);
    expect(left.closed).toBe(true);
    right.close();
  });

  // Without it there is no /proc.
  const onLinux = process.platform === 'linux' ? test : test.skip;

  onLinux('made, used and destroyed two hundred times, it leaves no descriptor', async () => {
    const [left, right] = socketPair();
    const once = async (): Promise<void> => {
      useHub(kind);
      await run(() => {
        const receiver = spawn(() => right.recv().toString());
        sleep(0);
        left.send('x');
        expect(receiver.wait()).toBe('x');
      });
    };
    await once();
    await nextPass();
    await nextPass();
    const before = reactors();
    for (let round = 0; round < 200; round += 1) await once();
    await nextPass();
    await nextPass();
    expect(reactors()).toBe(before);
    left.close();
    right.close();
  });

  onLinux('made and destroyed two thousand times in one pass of the loop, it leaves no descriptor', async () => {
    await nextPass();
    const before = reactors();
    const [left, right] = socketPair();
    for (let round = 0; round < 2_000; round += 1) {
      const hub = useHub(kind);
      hub.remove(hub.add('read', left.fd, () => undefined));
    }
    left.close();
    right.close();
    // The loop itself must have stood it: something new for it to watch.
    const { createServer } = await import('node:net');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, resolve));
    await new Promise((resolve) => server.close(resolve));
    await nextPass();
    await nextPass();
    expect(reactors()).toBeLessThanOrEqual(before + 1);
  });
});
