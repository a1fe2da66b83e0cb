// The end of a connection: who is woken, by what, and what both ends know of it.
import { GreenExit, run, sleep, spawn } from 'verdant';
import { letOthersRun } from '../net/support/sockets';
import { fill, thrownBy, withPair } from './support/pairs';
import { startGreenServer, startNodeServer, type TestServer, withServer } from './support/servers';
import { connect, type WebSocket, webSocketHandler } from 'verdant/websocket';
import { serve } from 'verdant/http';

test('both ends know the code and the reason', async () => {
  await run(() =>
    withPair((client, server) => {
      client.close(4001, 'enough');
      expect(server.receive()).toBeNull();
      expect([server.closeCode, server.closeReason]).toEqual([4001, 'enough']);
      expect(client.join({ timeout: 5000 })).toBe(true);
      expect([client.closeCode, client.closeReason]).toEqual([4001, 'enough']);
      expect([client.readyState, server.readyState]).toEqual([3, 3]);
    }),
  );
});

test('without a word it is 1000', async () => {
  await run(() =>
    withPair((client, server) => {
      server.close();
      expect(client.receive()).toBeNull();
      expect([client.closeCode, client.closeReason]).toEqual([1000, '']);
    }),
  );
});

test('before its end there is no code', async () => {
  await run(() => withPair((client) => expect([client.closeCode, client.closeReason]).toEqual([undefined, ''])));
});

test.each(['close', 'terminate'] as const)('%s wakes everybody who waits at this end', async (how) => {
  await run(() =>
    withPair((client, server) => {
      fill(client);
      server.statistics();
      const receivers = [0, 1].map(() => spawn(() => thrownBy(() => expect(client.receive()).toBeNull())));
      const senders = [0, 1].map(() => spawn(() => thrownBy(() => client.send('late'))));
      const pinger = spawn(() => thrownBy(() => client.ping()));
      letOthersRun();
      expect(client.statistics()).toMatchObject({ receiving: 2, sending: 2, pinging: 1 });
      client[how]();
      expect(receivers.map((thread) => thread.wait())).toEqual([null, null]);
      expect(senders.map((thread) => thread.wait())).toEqual(['ERR_VERDANT_CLOSED', 'ERR_VERDANT_CLOSED']);
      expect(pinger.wait()).toBe('ERR_VERDANT_CLOSED');
      expect(client.statistics()).toMatchObject({ receiving: 0, sending: 0, pinging: 0 });
    }),
  );
});

test('a close by the other end wakes everybody who waits here', async () => {
  await run(() =>
    withPair((client, server) => {
      const receivers = [0, 1].map(() => spawn(() => client.receive()));
      const joiner = spawn(() => client.join());
      letOthersRun();
      server.close(1001);
      expect(receivers.map((thread) => thread.wait())).toEqual([null, null]);
      expect(joiner.wait()).toBe(true);
      expect(client.closeCode).toBe(1001);
    }),
  );
});

test('a connection that breaks off wakes everybody with an error', async () => {
  await run(() =>
    withPair((client, server) => {
      const receivers = [0, 1].map(() => spawn(() => thrownBy(() => client.receive())));
      const pinger = spawn(() => thrownBy(() => client.ping()));
      letOthersRun();
      server.terminate();
      expect(receivers.map((thread) => thread.wait())).toEqual(Array(2).fill('ERR_VERDANT_WEBSOCKET_LOST'));
      expect([null, 'ERR_VERDANT_WEBSOCKET_LOST']).toContain(pinger.wait());
      expect(client.closeCode).toBe(1006);
      expect(thrownBy(() => client.send('x'))).toBe('ERR_VERDANT_WEBSOCKET_LOST');
    }),
  );
});

test('what came before the end is received first', async () => {
  await run(() =>
    withPair((client, server) => {
      client.send('one');
      client.send('two');
      client.close();
      client.join();
      expect([server.receive(), server.receive(), server.receive(), server.receive()]).toEqual([
        'one',
        'two',
        null,
        null,
      ]);
    }),
  );
});

test('what came before the connection broke off is received first', async () => {
  await run(() =>
    withPair((client, server) => {
      client.send('one');
      while (server.statistics().messagesIn === 0) sleep(1);
      client.terminate();
      server.join();
      expect(server.receive()).toBe('one');
      expect(thrownBy(() => server.receive())).toBe('ERR_VERDANT_WEBSOCKET_LOST');
    }),
  );
});

test('what had come before this end closed is received, what comes later is dropped', async () => {
  await run(() =>
    withPair((client, server) => {
      client.send('before');
      while (server.statistics().messagesIn === 0) sleep(1);
      server.close();
      expect(server.receive()).toBe('before');
      expect(server.receive()).toBeNull();
    }),
  );
});

test('an end that has paused reading still closes in order', async () => {
  await run(() =>
    withPair(
      (client, server) => {
        fill(client, Buffer.alloc(1000));
        expect(server.statistics().paused).toBe(true);
        server.close(4000);
        expect(client.receive()).toBeNull();
        expect(server.join({ timeout: 5000 })).toBe(true);
        expect(server.closeCode).toBe(4000);
      },
      { server: { maxQueued: 1 } },
    ),
  );
});

test('sending after the end says who has ended it', async () => {
  await run(() =>
    withPair((client, server) => {
      client.close(4002, 'why');
      expect(() => client.send('x')).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_CLOSED' }));
      server.join();
      expect(() => server.send('x')).toThrow(
        expect.objectContaining({
          code: 'ERR_VERDANT_CLOSED',
          closeCode: 4002,
          message: expect.stringContaining('why'),
        }),
      );
      expect(() => server.ping()).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_CLOSED' }));
      expect(() => server.pong()).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_CLOSED' }));
    }),
  );
});

test('closing again changes nothing', async () => {
  await run(() =>
    withPair((client, server) => {
      client.close(4000);
      client.close(4001);
      client.close();
      server.join();
      expect(server.closeCode).toBe(4000);
      client.join();
      client.close();
      client.terminate();
      expect(client.closeCode).toBe(4000);
    }),
  );
});

test('an end that never answers is cut off after closeTimeout', async () => {
  await run(() =>
    withPair(
      (client, server) => {
        fill(server, Buffer.alloc(1000));
        // It reads nothing any more, so it does not see the close either.
        expect(client.statistics().paused).toBe(true);
        server.close();
        expect(server.join({ timeout: 5000 })).toBe(true);
        expect(server.closeCode).toBe(1006);
        expect(server.receive()).toBeNull();
      },
      { client: { maxQueued: 1 }, server: { closeTimeout: 50 } },
    ),
  );
});

test.each([
  [999, 'ERR_OUT_OF_RANGE'],
  [1004, 'ERR_OUT_OF_RANGE'],
  [1005, 'ERR_OUT_OF_RANGE'],
  [1006, 'ERR_OUT_OF_RANGE'],
  [1015, 'ERR_OUT_OF_RANGE'],
  [2000, 'ERR_OUT_OF_RANGE'],
  [5000, 'ERR_OUT_OF_RANGE'],
  ['1000', 'ERR_INVALID_ARG_TYPE'],
])('%p is no code to close with', async (code, expected) => {
  await run(() =>
    withPair((client, server) => {
      expect(thrownBy(() => client.close(code as number))).toBe(expected);
      client.send('still open');
      expect(server.receive()).toBe('still open');
    }),
  );
});

test('a reason may have 123 bytes', async () => {
  await run(() =>
    withPair((client, server) => {
      expect(thrownBy(() => client.close(1000, 'ü'.repeat(62)))).toBe('ERR_OUT_OF_RANGE');
      expect(thrownBy(() => client.close(1000, 5 as never))).toBe('ERR_INVALID_ARG_TYPE');
      client.close(1000, 'ü'.repeat(61));
      server.join();
      expect(server.closeReason).toBe('ü'.repeat(61));
    }),
  );
});

test('using closes it at the end of the scope', async () => {
  await run(() =>
    withPair((client, server) => {
      const thread = spawn(() => {
        using ws = client;
        ws.send('bye');
      });
      thread.wait();
      expect([server.receive(), server.receive(), server.closeCode]).toEqual(['bye', null, 1000]);
    }),
  );
});

test('join gives up after its timeout', async () => {
  await run(() => withPair((client) => expect(client.join({ timeout: 10 })).toBe(false)));
});

describe('a handler’s end is the connection’s', () => {
  // How the client sees the end of a handler that does this.
  function endOf(callback: (ws: WebSocket) => unknown, start = startGreenServer): number | undefined {
    const use = ({ url }: TestServer): number | undefined => {
      const ws = connect(url);
      ws.join({ timeout: 5000 });
      return ws.closeCode;
    };
    return withServer(callback, use, undefined, start);
  }

  test('returned: 1000', async () => {
    await run(() => expect(endOf((ws) => ws.readyState)).toBe(1000));
  });

  test('a promise of the end: 1000', async () => {
    await run(() => expect(endOf(async (ws) => await Promise.resolve(ws))).toBe(1000));
  });

  test('closed by itself: its code', async () => {
    await run(() => expect(endOf((ws) => ws.close(4000))).toBe(4000));
  });

  test('killed: 1001', async () => {
    await run(() =>
      expect(
        endOf(() => {
          throw new GreenExit();
        }, startNodeServer),
      ).toBe(1001),
    );
  });

  test('thrown: 1011, and the server is told', async () => {
    await run(() => {
      const told: unknown[] = [];
      const failing = webSocketHandler(() => {
        throw new Error('a mistake');
      });
      const server = serve('127.0.0.1:0', failing, { onError: (error) => void told.push(error) });
      const ws = connect(`ws://127.0.0.1:${server.address.port}`);
      ws.join({ timeout: 5000 });
      expect(ws.closeCode).toBe(1011);
      server.close({ timeout: 1000 });
      expect(told).toEqual([new Error('a mistake')]);
    });
  });

  test('the client breaks a rule: nothing that the handler has to answer for', async () => {
    await run(() => {
      const outcomes: unknown[] = [];
      withServer(
        (ws) => {
          try {
            ws.receive();
          } catch (error) {
            outcomes.push((error as { code: string }).code);
            throw error;
          }
        },
        ({ url }) => {
          const ws = connect(url);
          ws.send('too long', { compress: false });
          ws.join({ timeout: 5000 });
          expect(ws.closeCode).toBe(1009);
        },
        { maxPayload: 3 },
      );
      expect(outcomes).toEqual(['ERR_VERDANT_WEBSOCKET_PROTOCOL']);
    });
  });
});
