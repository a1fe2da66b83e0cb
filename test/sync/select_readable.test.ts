// select() on file descriptors: it is decided when something can be read, or the end has come, and leaves nothing behind.
import { LightQueue, run, select, sleep, spawn } from 'verdant';
import { getHub, notifyClose, waitReadable } from 'verdant/hub';
import { type Socket, socketPair } from 'verdant/net';
import { code, thrown } from '../core/thrown';

const turn = (): Promise<void> => run(() => sleep(0));

let left: Socket;
let right: Socket;

beforeEach(async () => {
  [left, right] = await run(() => socketPair());
});

afterEach(() => {
  left.close();
  right.close();
});

test('is decided at once when something is there', async () => {
  await run(() => {
    left.sendAll('x');
    expect(select([select.readable(right.fd), select.after(1000)])).toEqual({ index: 0, value: undefined });
    expect(String(right.recv())).toBe('x');
  });
});

test('is decided when something comes', async () => {
  const queue = new LightQueue();
  const thread = spawn(() => select([select.get(queue), select.readable(right.fd)]).index);
  await turn();
  expect(thread.dead).toBe(false);
  await run(() => left.sendAll('x'));
  expect(await thread).toBe(1);
  await run(() => expect(String(right.recv())).toBe('x'));
  expect([queue.getting(), getHub().stats().listeners]).toEqual([0, 0]);
});

test('is decided by the end of the stream', async () => {
  const thread = spawn(() => select([select.readable(right.fd)]).index);
  await turn();
  left.close();
  expect(await thread).toBe(0);
});

test('is decided over and over while a socket is being read', async () => {
  const got: string[] = [];
  const reader = spawn(() => {
    const stop = new LightQueue<string>();
    for (let n = 0; n < 20; n += 1) {
      const { index } = select([select.readable(right.fd), select.get(stop)]);
      expect(index).toBe(0);
      got.push(String(right.recv()));
    }
  });
  await run(() => {
    for (let n = 0; n < 20; n += 1) {
      left.sendAll(`${n}`);
      while (got.length <= n) sleep(0);
    }
  });
  await reader;
  expect(got).toEqual(Array.from({ length: 20 }, (_, n) => String(n)));
});

test('is given up when something else decides', async () => {
  const queue = new LightQueue<number>();
  const thread = spawn(() => select([select.readable(right.fd), select.get(queue)]));
  await turn();
  expect(getHub().stats().listeners).toBe(1);
  queue.putNowait(1);
  expect(getHub().stats().listeners).toBe(0);
  expect(await thread).toEqual({ index: 1, value: 1 });
  await run(() => {
    left.sendAll('y');
    expect(String(right.recv())).toBe('y');
  });
});

test('refuses to wait beside another reader, and leaves all lines then', async () => {
  const queue = new LightQueue();
  const reader = spawn(() => right.recv());
  await turn();
  await run(() => {
    expect(thrown(() => select([select.get(queue), select.readable(right.fd)]))).toEqual(
      code('ERR_VERDANT_CONCURRENT_USE'),
    );
  });
  expect(queue.getting()).toBe(0);
  await run(() => left.sendAll('x'));
  expect(String(await reader)).toBe('x');
});

test('keeps another reader out while it waits', async () => {
  const thread = spawn(() => select([select.readable(right.fd)]).index);
  await turn();
  await expect(run(() => waitReadable(right.fd))).rejects.toEqual(code('ERR_VERDANT_CONCURRENT_USE'));
  await run(() => left.sendAll('x'));
  expect(await thread).toBe(0);
});

test('is told when the descriptor is closed', async () => {
  const thread = spawn(() => select([select.readable(right.fd)]).index);
  await turn();
  notifyClose(right.fd);
  await expect(thread).rejects.toEqual(code('ERR_VERDANT_CLOSED'));
});

test('what is no descriptor is refused', async () => {
  await run(() => {
    expect(thrown(() => select([select.readable(1_000_000)]))).toEqual(code('EBADF'));
  });
});
