// A descriptor that is always ready, and a storm of sleep(0), starve nobody, on every hub: counted, not timed.
import { readFile } from 'node:fs/promises';
import { run, sleep, spawn, wait } from 'verdant';
import { getHub } from 'verdant/hub';
import { connect, listen, socketPair } from 'verdant/net';
import { slowness } from '../support/children';
import { describeEveryHub } from '../support/every_hub';

/** Does it again and again, until one of the sockets in it is closed, by this end or the other. */
function untilClosed(step: () => void): void {
  spawn(() => {
    try {
      for (;;) step();
    } catch (error) {
      if (!['ERR_VERDANT_CLOSED', 'EPIPE', 'ECONNRESET'].includes((error as { code: string }).code)) throw error;
    }
  });
}

/** What keeps a hub busy, by name; each starts it and returns how to stop it. */
const loads: [string, () => () => void][] = [
  [
    'a storm of sleep(0)',
    () => {
      let stop = false;
      for (let index = 0; index < 10; index += 1) {
        spawn(() => {
          while (!stop) sleep(0);
        });
      }
      return () => (stop = true);
    },
  ],
  [
    'a listener that is always ready',
    () => {
      const [left, right] = socketPair();
      const listener = getHub().add('write', left.fd, () => undefined);
      return () => {
        getHub().remove(listener);
        left.close();
        right.close();
      };
    },
  ],
  [
    'a green thread whose socket always has something to read',
    () => {
      const [left, right] = socketPair();
      untilClosed(() => void right.send(Buffer.alloc(1000)));
      untilClosed(() => void left.recv(10));
      return () => {
        left.close();
        right.close();
      };
    },
  ],
  [
    'three hundred pairs that play ping-pong',
    () => {
      const pairs = Array.from({ length: 300 }, socketPair);
      for (const [left, right] of pairs) {
        for (const socket of [left, right]) untilClosed(() => void socket.send(socket.recv()));
        spawn(() => void left.send('o'));
      }
      return () => {
        for (const socket of pairs.flat()) socket.close();
      };
    },
  ],
  [
    'a green thread that goes round with the loop all the time',
    () => {
      let stop = false;
      spawn(() => {
        while (!stop) wait(new Promise((resolve) => setImmediate(resolve)));
      });
      return () => (stop = true);
    },
  ],
];

describeEveryHub(() => {
  describe.each(loads)('beside %s,', (_, start) => {
    let stop: () => void;
    beforeEach(() => {
      stop = start();
    });
    afterEach(async () => {
      stop();
      while (getHub().stats().greenThreads > 0) await new Promise((resolve) => setTimeout(resolve, 1));
      expect(getHub().stats()).toMatchObject({ listeners: 0, timers: 0 });
    });

    test('another pair plays its rounds', async () => {
      const [left, right] = socketPair();
      await run(() => {
        const echo = spawn(() => {
          for (let piece = right.recv(); piece.length > 0; piece = right.recv()) right.sendAll(piece);
        });
        for (let round = 0; round < 20; round += 1) {
          left.sendAll(String(round));
          expect(left.recv().toString()).toBe(String(round));
        }
        left.close();
        echo.wait();
      });
      right.close();
    });

    test('connections are accepted', async () => {
      const listener = listen('127.0.0.1:0');
      await run(() => {
        const server = spawn(() => {
          for (let count = 0; count < 5; count += 1) listener.accept().close();
        });
        for (let count = 0; count < 5; count += 1) {
          using client = connect(listener.address);
          expect(client.recv().length).toBe(0);
        }
        server.wait();
      });
      listener.close();
    });

    test("Node's timers, immediates and files come round, and so do the hub's own timers", async () => {
      const seen: string[] = [];
      const at = (what: string) => () => void seen.push(what);
      await Promise.all([
        new Promise<void>((resolve) => setTimeout(resolve, 5)).then(at('timer')),
        new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve))).then(at('immediate')),
        readFile(__filename).then(at('file')),
        run(() => sleep(5)).then(at('sleep')),
        run(() => wait(Promise.resolve())).then(at('promise')),
      ]);
      expect(seen.sort()).toEqual(['file', 'immediate', 'promise', 'sleep', 'timer']);
    });

    test('a timer of one millisecond is late by a few budgets at most, most of the time', async () => {
      const late: number[] = [];
      for (let round = 0; round < 21; round += 1) {
        const begun = performance.now();
        await new Promise((resolve) => setTimeout(resolve, 1));
        late.push(performance.now() - begun - 1);
      }
      late.sort((a, b) => a - b);
      // The median, and generously: the machine has other things to do, too.
      expect(late[10]!).toBeLessThan(10 * getHub().switchInterval * slowness);
    });
  });
});
