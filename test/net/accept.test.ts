// Listener.accept(): who gets the next connection, what ends the wait, and what happens when descriptors run out.
import { run, spawn } from 'verdant';
import { availableHubs, getHub } from 'verdant/hub';
import { connect, listen, type Socket, socketPair } from 'verdant/net';
import { code, thrown } from '../core/thrown';
import { expectOk } from '../support/children';
import { onHub } from './support/hubs';
import { letOthersRun, openDescriptors, temporaryFolder, using } from './support/sockets';

const path = temporaryFolder();

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  test('gives the connections in the order in which they were made', async () => {
    await run(() => {
      using listener = listen('127.0.0.1:0');
      const clients = Array.from({ length: 5 }, () => connect(listener.address));
      for (const client of clients) {
        using accepted = listener.accept();
        expect(accepted.remoteAddress).toEqual(client.localAddress);
        client.close();
      }
    });
  });

  test('with multipleReaders whoever has waited longest gets the next connection', async () => {
    await run(() => {
      using listener = listen('127.0.0.1:0');
      const order: number[] = [];
      const threads = Array.from({ length: 6 }, (_, index) =>
        spawn(() => {
          for (let round = 0; round < 3; round += 1) {
            listener.accept({ multipleReaders: true }).close();
            order.push(index);
          }
        }),
      );
      letOthersRun();
      for (let count = 0; count < 18; count += 1) {
        using _client = connect(listener.address);
        while (order.length <= count) letOthersRun();
      }
      for (const thread of threads) thread.wait();
      expect(order).toEqual([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]);
    });
  });

  test('with multipleReaders several connections at once wake as many', async () => {
    await run(() => {
      using listener = listen('127.0.0.1:0');
      const threads = Array.from({ length: 5 }, () => spawn(() => listener.accept({ multipleReaders: true }).close()));
      letOthersRun();
      const clients = Array.from({ length: 5 }, () => connect(listener.address));
      for (const thread of threads) thread.wait();
      for (const client of clients) client.close();
      expect(getHub().stats().listeners).toBe(0);
    });
  });

  test('a waiter that is killed when it has been woken does not take the connection with it', async () => {
    await run(() => {
      using listener = listen({ path: path('killed') });
      const [first, second] = [1, 2].map(() => spawn(() => listener.accept({ multipleReaders: true })));
      using([...socketPair()], (left, right) => {
        const killer = spawn(() => {
          right.recv();
          first!.kill();
        });
        letOthersRun();
        // Both are told in one batch, the killer first.
        left.sendAll('now');
        using _client = connect(listener.address);
        using accepted = second!.wait();
        killer.wait();
        expect([first!.state, accepted.closed]).toEqual(['killed', false]);
      });
    });
  });

  test('without it, a second one is refused with an error that names both', async () => {
    await run(() => {
      using listener = listen('127.0.0.1:0');
      const first = spawn({ name: 'the early one' }, () => listener.accept());
      letOthersRun();
      const second = spawn({ name: 'the late one' }, () => thrown(() => listener.accept()));
      const { message } = second.wait() as Error;
      expect(second.value).toEqual(code('ERR_VERDANT_CONCURRENT_USE'));
      expect(message).toMatch(/The first: .*the early one/);
      expect(message).toMatch(/The second: .*the late one/);
      expect(message).toContain('accept.test');
      first.kill();
    });
  });

  test('close wakes all who wait with ERR_VERDANT_CLOSED', async () => {
    await run(() => {
      const listener = listen('127.0.0.1:0');
      const threads = [1, 2, 3].map(() => spawn(() => thrown(() => listener.accept({ multipleReaders: true }))));
      letOthersRun();
      listener.close();
      for (const thread of threads) expect(thread.wait()).toEqual(code('ERR_VERDANT_CLOSED'));
      expect(thrown(() => listener.accept())).toEqual(code('ERR_VERDANT_CLOSED'));
    });
  });

  test('close from plain code wakes who waits', async () => {
    const listener = listen('127.0.0.1:0');
    const server = run(() => thrown(() => listener.accept()));
    setImmediate(() => listener.close());
    expect(await server).toEqual(code('ERR_VERDANT_CLOSED'));
  });

  test('a timeout, a signal and a kill end the wait and leave nothing', async () => {
    await run(() => {
      using listener = listen('127.0.0.1:0');
      const controller = new AbortController();
      const reason = new Error('enough');
      expect(thrown(() => listener.accept({ timeout: 2 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
      const aborted = spawn(() => thrown(() => listener.accept({ signal: controller.signal })));
      letOthersRun();
      controller.abort(reason);
      expect(aborted.wait()).toBe(reason);
      const killed = spawn(() => listener.accept());
      letOthersRun();
      killed.kill();
      letOthersRun();
      expect(killed.dead).toBe(true);
      expect(getHub().stats()).toMatchObject({ listeners: 0, timers: 0 });
    });
  });

  test('a client that has gone before it is accepted is a connection like any other', async () => {
    await run(() => {
      using listener = listen('127.0.0.1:0');
      connect(listener.address).close();
      connect(listener.address).close({ reset: true });
      using orderly = listener.accept();
      expect(orderly.recv()).toHaveLength(0);
      using broken = listener.accept();
      expect(thrown(() => broken.recv())).toEqual(code('ECONNRESET'));
    });
  });

  test('a thousand clients are accepted, each once', async () => {
    await run(() => {
      using listener = listen('127.0.0.1:0', { backlog: 1024 });
      const before = openDescriptors();
      const server = spawn(() => {
        const sockets: Socket[] = [];
        while (sockets.length < 1000) sockets.push(listener.accept());
        return sockets;
      });
      const clients = Array.from({ length: 1000 }, () => connect(listener.address));
      const accepted = server.wait();
      expect(new Set(accepted.map((socket) => socket.remoteAddress!.port))).toEqual(
        new Set(clients.map((socket) => socket.localAddress!.port)),
      );
      for (const socket of [...accepted, ...clients]) socket.close();
      expect(openDescriptors()).toBeLessThanOrEqual(before + 1); // the reactor's own, at its first use
    });
  });

  // The limit of descriptors is the process's: only a child can have a low one.
  test.each([
    'accepting pauses, and goes on when descriptors are there again',
    'a timeout ends the pause',
    'a signal ends the pause',
    'closing the listener ends the pause',
    'serve survives it',
  ])('without descriptors, %s', async (what) => {
    await expectOk(__dirname, 'without_descriptors.cjs', { args: [what], env: { VERDANT_HUB: hub } });
  });

  test('a socket and waitReadable on its descriptor know of each other', async () => {
    await expectOk(__dirname, 'watched_twice.cjs', { env: { VERDANT_HUB: hub } });
  });

  test('close tells also those who wait by the number alone', async () => {
    const { waitReadable } = await import('verdant/hub');
    await run(() => {
      using([listen('127.0.0.1:0')], (listener) => {
        const waiter = spawn(() => thrown(() => waitReadable(listener.fd)));
        letOthersRun();
        listener.close();
        expect(waiter.wait()).toEqual(code('ERR_VERDANT_CLOSED'));
      });
    });
  });
});
