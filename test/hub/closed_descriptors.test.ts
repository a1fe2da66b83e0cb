// Descriptors that are closed while somebody waits, on every hub: waiters are told, and a number's next owner is a stranger.
import { closeSync } from 'node:fs';
import { run, sleep, spawn } from 'verdant';
import { getHub, notifyClose, waitReadable, waitWritable } from 'verdant/hub';
import { socketPair } from 'verdant/net';
import { code, thrown } from '../core/thrown';
import { describeEveryHub, passes } from '../support/every_hub';
import { Pipe } from '../support/pipe';

const closed = code('ERR_VERDANT_CLOSED');

/** A pipe whose end for reading has the given number. */
function pipeAt(fd: number): Pipe {
  const tried: Pipe[] = [];
  for (;;) {
    const pipe = new Pipe();
    if (pipe.readEnd === fd) {
      for (const other of tried) other.close();
      return pipe;
    }
    tried.push(pipe);
    if (tried.length > 20) throw new Error(`nobody gets number ${fd}`);
  }
}

describeEveryHub(() => {
  afterEach(() => {
    expect(getHub().stats()).toMatchObject({ greenThreads: 0, listeners: 0, timers: 0 });
  });

  const waiter = (fd: number, kind: 'read' | 'write' = 'read') => {
    const thread = spawn(() =>
      thrown(() => (kind === 'read' ? waitReadable : waitWritable)(fd, { multipleReaders: true })),
    );
    sleep(0);
    return thread;
  };

  test('notifyClose wakes everybody who waits, for reading and for writing, with ERR_VERDANT_CLOSED', async () => {
    const [left, right] = socketPair();
    await run(() => {
      const sender = spawn(() => thrown(() => left.sendAll(Buffer.alloc(1 << 20))));
      sleep(0);
      const waiters = [waiter(left.fd), waiter(left.fd), waiter(left.fd, 'write')];
      notifyClose(left.fd);
      expect(getHub().stats().listeners).toBe(0);
      for (const thread of [sender, ...waiters]) expect(thread.wait()).toEqual(closed);
    });
    left.close();
    right.close();
  });

  test('notifyClose is legal anywhere, and for what nobody waits for', () => {
    notifyClose(1_000_000);
    notifyClose(0);
    expect(getHub().stats().listeners).toBe(0);
  });

  test('close of a socket wakes those who wait by its number', async () => {
    const [left, right] = socketPair();
    await run(() => {
      const { fd } = left;
      const waiters = [waiter(fd), waiter(fd)];
      left.close();
      for (const thread of waiters) expect(thread.wait()).toEqual(closed);
      expect(left.fd).toBe(-1);
    });
    right.close();
  });

  test('close of a socket wakes who receives and who sends', async () => {
    const [left, right] = socketPair();
    await run(() => {
      const threads = [
        spawn(() => thrown(() => left.recv())),
        spawn(() => thrown(() => left.sendAll(Buffer.alloc(1 << 20)))),
      ];
      sleep(0);
      left.close();
      for (const thread of threads) expect(thread.wait()).toEqual(closed);
    });
    right.close();
  });

  test('a number that is used again after notifyClose never wakes whoever waited before', async () => {
    const old = new Pipe();
    const { readEnd } = old;
    await run(() => {
      const before = waiter(readEnd);
      notifyClose(readEnd);
      old.close();
      const next = pipeAt(readEnd);
      const after = spawn(() => (waitReadable(next.readEnd), 'woken'));
      sleep(0);
      expect(before.wait()).toEqual(closed);
      passes();
      expect(after.state).toBe('suspended');
      next.write('x');
      expect(after.wait()).toBe('woken');
      next.close();
    });
  });

  test('a number that is used again although nobody said it was closed: who waits for the new one is right, the old one is told', async () => {
    const old = new Pipe();
    const { readEnd } = old;
    await run(() => {
      const before = waiter(readEnd);
      old.close();
      const next = pipeAt(readEnd);
      const after = spawn(() => (waitReadable(next.readEnd), 'woken'));
      sleep(0);
      expect(before.wait()).toEqual(closed);
      next.write('x');
      expect(after.wait()).toBe('woken');
      next.close();
    });
  });

  test('a socket that gets the number of a descriptor which was closed behind our back starts afresh', async () => {
    const old = new Pipe();
    await run(() => {
      const before = waiter(old.readEnd);
      const { readEnd } = old;
      old.close();
      const pairs = [socketPair()];
      while (!pairs.flat().some((socket) => socket.fd === readEnd)) pairs.push(socketPair());
      expect(before.wait()).toEqual(closed);
      const [left, right] = pairs.at(-1)!;
      const receivers = [spawn(() => left.recv().toString()), spawn(() => right.recv().toString())];
      sleep(0);
      left.send('to right');
      right.send('to left');
      expect(receivers.map((thread) => thread.wait())).toEqual(['to left', 'to right']);
      for (const socket of pairs.flat()) socket.close();
    });
  });

  test('what is left open elsewhere of a closed descriptor wakes nobody of its number', async () => {
    // Both numbers of one pipe's end: the kernel goes on to tell of the first one as long as the second is open.
    const [left, right] = socketPair();
    const { openSync } = await import('node:fs');
    const old = new Pipe();
    await run(() => {
      const again = openSync(`/proc/self/fd/${old.readEnd}`, 'r');
      const before = waiter(old.readEnd);
      const { readEnd } = old;
      notifyClose(readEnd);
      closeSync(again);
      expect(before.wait()).toEqual(closed);
      old.write('x');
      passes();
      expect(getHub().stats().listeners).toBe(0);
    });
    old.close();
    left.close();
    right.close();
  });

  test('a thousand descriptors of one number, one after the other, each wake their own waiter and nobody else', async () => {
    await run(() => {
      const numbers = new Set<number>();
      for (let round = 0; round < 1000; round += 1) {
        const [left, right] = socketPair();
        numbers.add(right.fd);
        const receiver = spawn(() => right.recv().toString());
        const bystander = spawn(() => thrown(() => left.recv()));
        sleep(0);
        left.send(String(round));
        if (round % 2 === 0) left.close(); // before it is known that right is readable
        expect(receiver.wait()).toBe(String(round));
        right.close();
        left.close();
        expect(bystander.wait()).toEqual(closed);
      }
      expect(numbers.size).toBeLessThan(10);
    });
  });
});
