// Socket.fromNet(): a green socket over a Node stream loses nothing, waits both ways, and leaves the stream without listeners.
import { once } from 'node:events';
import net from 'node:net';
import fc from 'fast-check';
import { run, spawn, sleep } from 'verdant';
import { availableHubs } from 'verdant/hub';
import { Socket } from 'verdant/net';
import { code, thrown } from '../core/thrown';
import { Duplex, duplexPair } from './support/duplexes';
import { onHub } from './support/hubs';
import { letOthersRun, recvAll } from './support/sockets';

const events = ['readable', 'end', 'error', 'close', 'finish', 'drain', 'data'];

function listenersOf(stream: Duplex): number[] {
  return events.map((event) => stream.listenerCount(event));
}

/** Both ends of a TCP connection, as Node's own sockets. */
async function netPair(): Promise<[net.Socket, net.Socket]> {
  const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect({ port: (server.address() as net.AddressInfo).port, host: '127.0.0.1' });
  const [[peer]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [
    [net.Socket],
    unknown,
  ];
  server.close();
  return [client, peer];
}

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  test('sends and receives over a net.Socket', async () => {
    const [left, right] = await netPair();
    await run(() => {
      using a = Socket.fromNet(left);
      using b = Socket.fromNet(right);
      a.sendAll(['one\n', 'two\n']);
      expect([b.recvLine(), b.recvLine()]).toEqual(['one', 'two']);
      expect(b.send('three')).toBe(5);
      expect(String(a.recv(2))).toBe('th');
      expect(String(a.recvExactly(3))).toBe('ree');
    });
  });

  test('tells the descriptor and the addresses that the net.Socket has', async () => {
    const [left, right] = await netPair();
    await run(() => {
      using a = Socket.fromNet(left);
      using b = Socket.fromNet(right);
      expect(a.fd).toBeGreaterThan(2);
      expect(a.localAddress).toEqual({
        host: '127.0.0.1',
        address: '127.0.0.1',
        family: 'IPv4',
        port: left.localPort,
      });
      expect(a.remoteAddress).toEqual(b.localAddress);
      a.close();
      expect(a.fd).toBe(-1);
    });
  });

  test('gives what the stream had buffered before it was taken over', async () => {
    const [left, right] = await netPair();
    right.write('early');
    await once(left, 'readable');
    await run(() => {
      using a = Socket.fromNet(left);
      using b = Socket.fromNet(right);
      expect(String(a.recv())).toBe('early');
      b.sendAll('late');
      expect(String(a.recv())).toBe('late');
    });
  });

  test('reads no more from the stream than its high-water mark while nobody receives', async () => {
    const [left, right] = duplexPair();
    await run(() => {
      using a = Socket.fromNet(left);
      using b = Socket.fromNet(right);
      expect(thrown(() => b.sendAll(Buffer.alloc(1 << 20), { timeout: 20 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
      expect(left.readableLength).toBeLessThanOrEqual(left.readableHighWaterMark + 300_000);
      expect(a.recv().byteLength).toBeGreaterThan(0);
    });
  });

  test('carries large data both ways at once, with the peers as they like', async () => {
    const [left, right] = await netPair();
    const data = Buffer.alloc(3_000_000, 'abcdefghij');
    await run(() => {
      using a = Socket.fromNet(left);
      using b = Socket.fromNet(right);
      const senders = [a, b].map((socket) =>
        spawn(() => {
          socket.sendAll(data);
          socket.shutdown();
        }),
      );
      const receivers = [a, b].map((socket) => spawn(() => recvAll(socket)));
      for (const receiver of receivers) expect(receiver.wait().equals(data)).toBe(true);
      for (const sender of senders) sender.wait();
    });
  });

  test('ends one direction and keeps the other', async () => {
    const [left, right] = await netPair();
    await run(() => {
      using a = Socket.fromNet(left);
      using b = Socket.fromNet(right);
      a.sendAll('question');
      a.shutdown();
      expect(String(recvAll(b))).toBe('question');
      b.sendAll('answer');
      b.close();
      expect(String(recvAll(a))).toBe('answer');
      expect(thrown(() => a.sendAll('more'))).toEqual(code('EPIPE'));
      expect(a.recv().byteLength).toBe(0);
    });
  });

  test('gives a reader the error of the connection, after what came before it', async () => {
    const [left, right] = await netPair();
    await run(() => {
      using a = Socket.fromNet(left);
      const b = Socket.fromNet(right);
      b.sendAll('last words');
      expect(String(a.recv())).toBe('last words');
      const reader = spawn(() => thrown(() => a.recv()));
      letOthersRun();
      b.close({ reset: true });
      expect(reader.wait()).toEqual(code('ECONNRESET'));
    });
  });

  test('an error that nobody was there to see meets the next call, and the one after', async () => {
    const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    const failure = new Error('broken');
    await run(() => {
      using socket = Socket.fromNet(stream);
      stream.destroy(failure);
      sleep(1);
      expect(thrown(() => socket.sendAll('x'))).toBe(failure);
      expect(thrown(() => socket.recv())).toBe(failure);
    });
  });

  test('a stream that somebody else destroys wakes reader and writer with ERR_VERDANT_CLOSED', async () => {
    const stream = new Duplex({ read() {}, write() {} });
    await run(() => {
      using socket = Socket.fromNet(stream);
      const calls = [() => socket.recv(), () => socket.sendAll('x')].map((call) => spawn(() => thrown(call)));
      letOthersRun();
      stream.destroy();
      for (const call of calls) expect(call.wait()).toEqual(code('ERR_VERDANT_CLOSED'));
    });
  });

  test('close wakes reader and writer with ERR_VERDANT_CLOSED', async () => {
    const stream = new Duplex({ read() {}, write() {} });
    await run(() => {
      const socket = Socket.fromNet(stream);
      const calls = [() => socket.recv(), () => socket.sendAll('x')].map((call) => spawn(() => thrown(call)));
      letOthersRun();
      socket.close({ reset: true });
      for (const call of calls) expect(call.wait()).toEqual(code('ERR_VERDANT_CLOSED'));
      expect(thrown(() => socket.recv())).toEqual(code('ERR_VERDANT_CLOSED'));
      expect(stream.destroyed).toBe(true);
    });
  });

  test('no listener of ours is left on a closed stream', async () => {
    const [left, right] = await netPair();
    const before = listenersOf(left);
    const closed = once(left, 'close');
    await run(() => {
      const a = Socket.fromNet(left);
      using b = Socket.fromNet(right);
      b.sendAll('x');
      a.recv();
      a.close();
    });
    await closed;
    expect(listenersOf(left)).toEqual(before);
  });

  test('timeout, abort and kill leave no listener and take nothing', async () => {
    const [left, right] = await netPair();
    await run(() => {
      using a = Socket.fromNet(left);
      using b = Socket.fromNet(right);
      const before = listenersOf(left);
      expect(thrown(() => a.recv(10, { timeout: 1 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
      const controller = new AbortController();
      const aborted = spawn(() => thrown(() => a.recv(10, { signal: controller.signal })));
      letOthersRun();
      controller.abort('enough');
      expect(aborted.wait()).toBe('enough');
      const killed = spawn(() => a.recv());
      letOthersRun();
      b.sendAll('whole');
      killed.kill();
      killed.join();
      expect(listenersOf(left)).toEqual(before);
      expect(String(a.recvExactly(5, { timeout: 5000 }))).toBe('whole');
    });
  });

  test.each([
    ['reader', (socket: Socket) => socket.recv()],
    ['sender', (socket: Socket) => socket.sendAll('x')],
  ])('refuses a second %s, and names both', async (_who, call) => {
    const stream = new Duplex({ read() {}, write() {} });
    await run(() => {
      using socket = Socket.fromNet(stream);
      const first = spawn({ name: 'first one' }, () => thrown(() => call(socket)));
      letOthersRun();
      const second = spawn({ name: 'second one' }, () => thrown(() => call(socket)));
      expect(second.wait()).toMatchObject({
        code: 'ERR_VERDANT_CONCURRENT_USE',
        message: expect.stringMatching(/first one[^]*second one/),
      });
      socket.close({ reset: true });
      first.wait();
    });
  });

  test('a send returns when the stream has accepted the data', async () => {
    let accept: (() => void) | undefined;
    const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => void (accept = done) });
    await run(() => {
      using socket = Socket.fromNet(stream);
      const sender = spawn(() => socket.sendAll('x'));
      letOthersRun();
      expect(sender.dead).toBe(false);
      accept!();
      expect(sender.join({ timeout: 5000 })).toBe(true);
      socket.close({ reset: true });
    });
  });

  test('close still sends what was accepted', async () => {
    const [left, right] = duplexPair();
    await run(() => {
      const a = Socket.fromNet(left);
      using b = Socket.fromNet(right);
      const data = Buffer.alloc(200_000, 'z');
      expect(thrown(() => a.sendAll(data, { timeout: 5 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
      a.close();
      expect(recvAll(b).equals(data)).toBe(true);
    });
  });
});

test('refuses what is no stream of bytes', () => {
  const textual = new Duplex({ read() {}, write() {}, encoding: 'utf8' });
  for (const stream of [{}, null, new Duplex({ objectMode: true, read() {}, write() {} }), textual]) {
    expect(thrown(() => Socket.fromNet(stream as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  }
});

test('no byte is lost or reordered, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { maxLength: 30 }),
      fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 10 }),
      fc.integer({ min: 1, max: 5000 }),
      async (sent, sizes, highWaterMark) => {
        const [left, right] = duplexPair({ highWaterMark });
        const received = await run(() => {
          using a = Socket.fromNet(left);
          using b = Socket.fromNet(right);
          const sender = spawn(() => {
            for (const piece of sent) a.sendAll(piece);
            a.shutdown();
          });
          const pieces: Buffer[] = [];
          for (let turn = 0; ; turn += 1) {
            const piece = b.recv(sizes[turn % sizes.length]);
            if (piece.byteLength === 0) break;
            pieces.push(piece);
          }
          sender.wait();
          return Buffer.concat(pieces);
        });
        expect(received.equals(Buffer.concat(sent))).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});
