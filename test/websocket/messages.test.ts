// Sending and receiving: kinds of data, order, waiting for room, and calls that are interrupted.
import { Event, type GreenThread, run, sleep, spawn } from 'verdant';
import { type WebSocket } from 'verdant/websocket';
import { letOthersRun } from '../net/support/sockets';
import { fill, thrownBy, withPair } from './support/pairs';
import { rawClient } from './support/raw_peer';
import { withServer } from './support/servers';

describe('what can be sent', () => {
  test.each([
    ['text', 'Grüße 🌱', 'Grüße 🌱'],
    ['no text', '', ''],
    ['a Buffer', Buffer.from([1, 2, 3]), Buffer.from([1, 2, 3])],
    ['a view of a part', new Uint8Array([0, 1, 2, 3]).subarray(1, 3), Buffer.from([1, 2])],
    ['a view of other numbers', new Uint16Array([0x0201]), Buffer.from([1, 2])],
    ['an ArrayBuffer', new Uint8Array([7]).buffer, Buffer.from([7])],
    ['no bytes', Buffer.alloc(0), Buffer.alloc(0)],
  ])('%s', async (_what, data, received) => {
    await run(() =>
      withPair((client, server) => {
        for (const [from, to] of [
          [client, server],
          [server, client],
        ] as [WebSocket, WebSocket][]) {
          from.send(data);
          expect(to.receive()).toEqual(received);
        }
      }),
    );
  });

  test('bytes as text, and text as bytes, when asked for', async () => {
    await run(() =>
      withPair((client, server) => {
        client.send(Buffer.from('bytes'), { binary: false });
        client.send('text', { binary: true });
        expect(server.receive()).toBe('bytes');
        expect(server.receive()).toEqual(Buffer.from('text'));
      }),
    );
  });

  test('a lone surrogate arrives as the replacement character', async () => {
    await run(() =>
      withPair((client, server) => {
        client.send('a\ud800b');
        expect(server.receive()).toBe('a\ufffdb');
      }),
    );
  });

  test.each([5, null, undefined, {}, [1], Symbol('x')])('not %p', async (data) => {
    await run(() =>
      withPair((client) => expect(thrownBy(() => client.send(data as never))).toBe('ERR_INVALID_ARG_TYPE')),
    );
  });

  test.each([{ binary: 1 }, { compress: 'yes' }, { timeout: '1' }, { signal: {} }, null, 5])(
    'not with the options %p',
    async (options) => {
      await run(() =>
        withPair((client) => expect(thrownBy(() => client.send('x', options as never))).toBe('ERR_INVALID_ARG_TYPE')),
      );
    },
  );

  test('not bytes that are no UTF-8 as text', async () => {
    await run(() =>
      withPair((client) =>
        expect(thrownBy(() => client.send(Buffer.from([0xff]), { binary: false }))).toBe('ERR_INVALID_ARG_TYPE'),
      ),
    );
  });
});

test('memory that was sent may be used again at once', async () => {
  await run(() =>
    withPair((client, server) => {
      for (const compress of [false, true]) {
        for (const [from, to] of [
          [client, server],
          [server, client],
        ] as [WebSocket, WebSocket][]) {
          const memory = Buffer.alloc(100_000, 'a');
          from.send(memory, { compress });
          memory.fill('b');
          expect((to.receive() as Buffer).equals(Buffer.alloc(100_000, 'a'))).toBe(true);
          expect(memory.equals(Buffer.alloc(100_000, 'b'))).toBe(true);
        }
      }
    }),
  );
});

test('a short message that is kept does not keep much memory', async () => {
  await run(() =>
    withPair((client, server) => {
      client.send(Buffer.alloc(10_000), { compress: false });
      const message = server.receive() as Buffer;
      expect(message.buffer.byteLength).toBeLessThanOrEqual(20_000);
    }),
  );
});

test('messages arrive in their order, compressed or not', async () => {
  await run(() =>
    withPair((client, server) => {
      const sender = spawn(() => {
        for (let number = 0; number < 1000; number += 1) {
          client.send(String(number).padEnd(number % 7 === 0 ? 5000 : 5, '.'), { compress: number % 3 === 0 });
        }
        client.close();
      });
      let next = 0;
      for (const message of server) expect(parseInt(String(message), 10)).toBe(next++);
      expect(next).toBe(1000);
      sender.wait();
    }),
  );
});

test('each receiver gets a message, first come, first served', async () => {
  await run(() =>
    withPair((client, server) => {
      const receivers = [0, 1, 2].map(() => spawn(() => server.receive()));
      letOthersRun();
      expect(server.statistics().receiving).toBe(3);
      for (const message of ['a', 'b', 'c']) client.send(message);
      expect(receivers.map((receiver) => receiver.wait())).toEqual(['a', 'b', 'c']);
    }),
  );
});

test('senders that wait for room send in the order in which they came', async () => {
  await run(() =>
    withPair((client, server) => {
      const before = fill(client);
      const senders = ['a', 'b', 'c', 'd'].map((letter) => {
        const sender = spawn(() => client.send(letter));
        letOthersRun();
        return sender;
      });
      expect(client.statistics().sending).toBe(4);
      for (let count = 0; count < before; count += 1) expect(server.receive()).toHaveLength(65_536);
      expect([1, 2, 3, 4].map(() => server.receive())).toEqual(['a', 'b', 'c', 'd']);
      for (const sender of senders) sender.wait();
    }),
  );
});

describe('a call that is interrupted', () => {
  test.each(['timeout', 'signal', 'kill'])('while it waits to send, by %s, has sent nothing', async (how) => {
    await run(() =>
      withPair((client, server) => {
        const before = fill(client);
        const controller = new AbortController();
        const sender = spawn(() =>
          thrownBy(() =>
            client.send('lost', { timeout: how === 'timeout' ? 20 : Infinity, signal: controller.signal }),
          ),
        );
        letOthersRun();
        if (how === 'signal') controller.abort(Object.assign(new Error('stop'), { code: 'STOP' }));
        if (how === 'kill') sender.kill();
        expect(sender.wait()).toBe({ timeout: 'ERR_VERDANT_TIMEOUT', signal: 'STOP', kill: 'ERR_VERDANT_KILLED' }[how]);
        expect(client.statistics().sending).toBe(0);
        const last = spawn(() => client.send('after it'));
        for (let count = 0; count < before; count += 1) expect(server.receive()).toHaveLength(65_536);
        expect(server.receive()).toBe('after it');
        last.wait();
      }),
    );
  });

  test.each(['timeout', 'signal', 'kill'])('while it waits to receive, by %s, has taken nothing', async (how) => {
    await run(() =>
      withPair((client, server) => {
        const controller = new AbortController();
        const receiver = spawn(() =>
          thrownBy(() => server.receive({ timeout: how === 'timeout' ? 20 : Infinity, signal: controller.signal })),
        );
        letOthersRun();
        if (how === 'signal') controller.abort(Object.assign(new Error('stop'), { code: 'STOP' }));
        if (how === 'kill') receiver.kill();
        expect(receiver.wait()).toBe(
          { timeout: 'ERR_VERDANT_TIMEOUT', signal: 'STOP', kill: 'ERR_VERDANT_KILLED' }[how],
        );
        expect(server.statistics().receiving).toBe(0);
        client.send('not lost');
        expect(server.receive()).toBe('not lost');
      }),
    );
  });

  test('by a signal that has aborted already, does nothing', async () => {
    await run(() =>
      withPair((client, server) => {
        const signal = AbortSignal.abort(new Error('before'));
        for (const call of [
          () => client.send('x', { signal }),
          () => client.receive({ signal }),
          () => client.ping('', { signal }),
          () => client.pong('', { signal }),
          () => client.join({ signal }),
        ]) {
          expect(call).toThrow('before');
        }
        client.send('y');
        expect(server.receive()).toBe('y');
      }),
    );
  });

  test('a receiver that is killed when its message is already there, keeps it and is killed later', async () => {
    await run(() => {
      const got: unknown[] = [];
      const done = new Event();
      withServer(
        (ws) => {
          const second: GreenThread = spawn(() => {
            sleep(0);
            got.push(ws.receive());
            got.push(thrownBy(() => sleep(0)));
          });
          got.push(ws.receive());
          second.kill(); // both messages have come at once, so it was woken, and has not run
          second.join();
          done.send(ws.receive());
        },
        ({ port }) => {
          const peer = rawClient(port);
          sleep(20); // both wait by then; if not, the outcome is the same
          peer.send([{ payload: 'one' }, { payload: 'two' }, { payload: 'three' }]);
          done.wait({ timeout: 5000 });
          peer.socket.close();
          expect(got).toEqual(['one', 'two', 'ERR_VERDANT_KILLED']);
          expect(done.wait()).toBe('three');
        },
      );
    });
  });
});

test('what nobody receives is not read without limit', async () => {
  await run(() =>
    withPair(
      (client, server) => {
        const sent = fill(client, Buffer.alloc(10_000));
        expect(server.statistics().paused).toBe(true);
        const most = Math.ceil(150_000 / 10_000) + Math.ceil(65_536 / 10_000) * 3;
        expect(server.statistics().queued).toBeLessThan(most);
        for (let count = 0; count < sent; count += 1) expect(server.receive()).toHaveLength(10_000);
        expect(server.statistics()).toMatchObject({ queued: 0, paused: false });
        client.send('and it goes on');
        expect(server.receive()).toBe('and it goes on');
      },
      { server: { maxQueuedBytes: 100_000 } },
    ),
  );
});

test('small messages are limited by their number', async () => {
  await run(() =>
    withPair(
      (client, server) => {
        for (let number = 0; number < 50; number += 1) client.send(`${number}`);
        while (!server.statistics().paused) sleep(1);
        for (let number = 0; number < 50; number += 1) expect(server.receive()).toBe(`${number}`);
      },
      { server: { maxQueued: 5 } },
    ),
  );
});

test('what is on its way to the system is limited, too', async () => {
  await run(() =>
    withPair(
      (client) => {
        fill(client, Buffer.alloc(1000));
        expect(client.bufferedAmount).toBeGreaterThan(0);
        expect(client.bufferedAmount).toBeLessThan(20_000);
      },
      { client: { highWaterMark: 10_000 } },
    ),
  );
});

test('the counters count', async () => {
  await run(() =>
    withPair((client, server) => {
      client.send('four');
      client.send(Buffer.alloc(6));
      expect(server.receive()).toBe('four');
      while (server.statistics().messagesIn < 2) sleep(1);
      expect(client.statistics()).toMatchObject({ messagesOut: 2, lengthOut: 10, messagesIn: 0, lengthIn: 0 });
      expect(server.statistics()).toEqual({
        messagesIn: 2,
        lengthIn: 10,
        messagesOut: 0,
        lengthOut: 0,
        queued: 1,
        paused: false,
        receiving: 0,
        sending: 0,
        pinging: 0,
      });
    }),
  );
});

test('outside of a green thread nothing blocks', async () => {
  let ws: WebSocket | undefined;
  await run(() =>
    withPair((client) => {
      ws = client;
      client.close();
      client.join();
    }),
  );
  for (const call of [() => ws!.send('x'), () => ws!.receive(), () => ws!.ping(), () => ws!.pong(), () => ws!.join()]) {
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_NOT_GREEN' }));
  }
  expect(() => ws!.close()).not.toThrow();
});
