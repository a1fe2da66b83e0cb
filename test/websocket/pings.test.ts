// Signs of life: pings that wait for their answer, and heartbeats that give a silent connection up.
import { Event, run, sleep, spawn } from 'verdant';
import { getHub } from 'verdant/hub';
import { connect, type WebSocket } from 'verdant/websocket';
import { Heartbeat } from '../../dist/websocket/heartbeat';
import { letOthersRun } from '../net/support/sockets';
import { fill, thrownBy, withPair } from './support/pairs';
import { opcodes, rawClient } from './support/raw_peer';
import { withServer } from './support/servers';

test('a ping takes as long as its answer', async () => {
  await run(() =>
    withPair((client, server) => {
      for (const ws of [client, server]) {
        expect(ws.ping()).toBeGreaterThan(0);
        expect(ws.ping('data', { timeout: 5000 })).toBeLessThan(5000);
      }
    }),
  );
});

const receiveAll = (ws: WebSocket): void => {
  while (ws.receive() !== null);
};

describe('an answer', () => {
  // A server that pings in several green threads at once, and a client that does what it likes.
  function whileAnswered(answer: (payloads: Buffer[]) => Buffer[], timeout = 5000): unknown[] {
    const outcomes: unknown[] = [];
    withServer(
      (ws) => {
        const pingers = [0, 1, 2].map(() => spawn(() => thrownBy(() => ws.ping(undefined, { timeout }))));
        outcomes.push(...pingers.map((pinger) => pinger.wait()));
      },
      ({ port }) => {
        const peer = rawClient(port);
        const payloads = [0, 1, 2].map(() => peer.receive()!.payload);
        peer.send(answer(payloads).map((payload) => ({ opcode: opcodes.pong, payload })));
        expect(peer.receive()).toMatchObject({ opcode: opcodes.close });
        peer.send({ opcode: opcodes.close });
        peer.expectEnd();
      },
    );
    return outcomes;
  }

  test('is for the ping with the same data', async () => {
    await run(() => expect(whileAnswered((payloads) => payloads)).toEqual([null, null, null]));
  });

  test('to the last is for those before, too', async () => {
    await run(() => expect(whileAnswered((payloads) => payloads.slice(-1))).toEqual([null, null, null]));
  });

  test('to another is for nobody', async () => {
    await run(() =>
      expect(whileAnswered((payloads) => [payloads[0]!, Buffer.from('other')], 50)).toEqual([
        null,
        'ERR_VERDANT_TIMEOUT',
        'ERR_VERDANT_TIMEOUT',
      ]),
    );
  });
});

test('an unasked pong goes out', async () => {
  await run(() =>
    withServer(
      (ws) => {
        ws.pong('alive');
        ws.pong();
        receiveAll(ws);
      },
      ({ port }) => {
        const peer = rawClient(port);
        expect(peer.receive()).toMatchObject({ opcode: opcodes.pong, payload: Buffer.from('alive') });
        expect(peer.receive()).toMatchObject({ opcode: opcodes.pong, payload: Buffer.alloc(0) });
        peer.close();
      },
    ),
  );
});

test('at most 125 bytes', async () => {
  await run(() =>
    withPair((client) => {
      expect(client.ping(Buffer.alloc(125))).toBeGreaterThan(0);
      expect(thrownBy(() => client.ping(Buffer.alloc(126)))).toBe('ERR_OUT_OF_RANGE');
      expect(thrownBy(() => client.pong('ü'.repeat(63)))).toBe('ERR_OUT_OF_RANGE');
      expect(thrownBy(() => client.ping(5 as never))).toBe('ERR_INVALID_ARG_TYPE');
    }),
  );
});

test('a ping that is interrupted is forgotten', async () => {
  await run(() =>
    withServer(receiveAll, ({ port, url }) => {
      using ws = connect(url);
      const pinger = spawn(() => ws.ping());
      letOthersRun();
      pinger.kill();
      pinger.join();
      expect(ws.statistics().pinging).toBe(0);
      expect(port).toBeGreaterThan(0);
    }),
  );
});

describe('a heartbeat', () => {
  test('pings, and an end that answers stays connected', async () => {
    await run(() =>
      withServer(
        receiveAll,
        ({ port }) => {
          const peer = rawClient(port);
          for (let count = 0; count < 3; count += 1) {
            const { opcode, payload } = peer.receive()!;
            expect(opcode).toBe(opcodes.ping);
            peer.send({ opcode: opcodes.pong, payload });
          }
          peer.socket.close();
        },
        { heartbeat: 100 },
      ),
    );
  });

  test('looks at what has come meanwhile before it gives up', async () => {
    const interval = 10;
    const outcome = new Event<string>();
    let pings = 0;
    const pulse = new Heartbeat(interval, {
      deaf: () => false,
      ping: () => {
        pings += 1;
        if (pings === 2) outcome.send('pinged again');
        // It comes in the very turn in which the time is up, or before.
        else if (pings === 1) getHub().startTimer(interval - 0.1, () => getHub().callSoon(pulse.heard));
      },
      lost: () => outcome.send('lost'),
    });
    expect(await run(() => outcome.wait())).toBe('pinged again');
    pulse.stop();
  });

  test('gives up an end that is silent', async () => {
    await run(() => {
      const outcomes: unknown[] = [];
      withServer(
        (ws) => {
          outcomes.push(
            thrownBy(() => ws.receive()),
            ws.closeCode,
          );
        },
        ({ port }) => {
          const peer = rawClient(port);
          expect(peer.receive()).toMatchObject({ opcode: opcodes.ping });
          expect(peer.receive()).toBeNull();
          peer.socket.close();
        },
        { heartbeat: 40 },
      );
      expect(outcomes).toEqual(['ERR_VERDANT_WEBSOCKET_LOST', 1006]);
    });
  });

  test('does not give up an end that is not read, because nobody receives', async () => {
    await run(() =>
      withPair(
        (client, server) => {
          const sent = fill(client, Buffer.alloc(1000));
          expect(server.statistics().paused).toBe(true);
          sleep(100);
          for (let count = 0; count < sent; count += 1) expect(server.receive()).toHaveLength(1000);
        },
        { server: { heartbeat: 20, maxQueued: 1 } },
      ),
    );
  });

  test('ends with the connection', async () => {
    await run(() =>
      withPair(
        (client, server) => {
          client.send('x');
          expect(server.receive()).toBe('x');
        },
        { server: { heartbeat: 10_000 }, client: { heartbeat: 10_000 } },
      ),
    );
  });
});
