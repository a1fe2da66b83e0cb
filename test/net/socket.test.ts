// Half-close, close, reset, who may use a socket at the same time, its options, and how long its descriptor lives.
import { execFileSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { run, spawn } from 'verdant';
import { availableHubs, getHub, useHub } from 'verdant/hub';
import { connect, DatagramSocket, listen, Socket, socketPair } from 'verdant/net';
import { code, thrown } from '../core/thrown';
import { expectOk } from '../support/children';
import { onHub } from './support/hubs';
import { fill, flagsOf, letOthersRun, optionOf, recvAll, tcpPair, testIPv6, using } from './support/sockets';

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  describe.each<[string, () => [Socket, Socket]]>([
    ['TCP', tcpPair],
    ['Unix', socketPair],
  ])('%s', (kind, pair) => {
    // When TCP is full cannot be told: the kernel goes on making room for small pieces for seconds.
    const testFull = kind === 'Unix' ? test : test.skip;

    function connected(body: (near: Socket, far: Socket) => void): () => Promise<void> {
      return () => run(() => using(pair(), body));
    }

    describe('shutdown', () => {
      test(
        'ends what the other reads, and the answer still comes back',
        connected((near, far) => {
          const server = spawn(() => {
            far.sendAll(`got ${recvAll(far).length}`);
            far.shutdown();
          });
          near.sendAll('question');
          near.shutdown();
          expect(String(recvAll(near))).toBe('got 8');
          server.wait();
        }),
      );

      test(
        'of writing makes sending fail with EPIPE, and not the process',
        connected((near) => {
          near.shutdown('write');
          expect(thrown(() => near.send('x'))).toEqual(code('EPIPE'));
          expect(thrown(() => near.sendAll(['x', 'y']))).toEqual(code('EPIPE'));
        }),
      );

      test(
        'wakes the reader of the same socket',
        connected((near) => {
          const reader = spawn(() => near.recv());
          letOthersRun();
          near.shutdown('read');
          expect(reader.wait()).toHaveLength(0);
        }),
      );

      test(
        'of both ends both directions',
        connected((near, far) => {
          near.shutdown('both');
          expect([near.recv(), far.recv()].map(String)).toEqual(['', '']);
          expect(thrown(() => near.send('x'))).toEqual(code('EPIPE'));
        }),
      );

      test(
        'refuses what is no direction',
        connected((near) => {
          expect(thrown(() => near.shutdown('x' as 'read'))).toEqual(code('ERR_INVALID_ARG_TYPE'));
        }),
      );
    });

    describe('close', () => {
      test(
        'lets the other end read what was sent, and then the end',
        connected((near, far) => {
          near.sendAll('last words');
          near.close();
          expect(String(recvAll(far))).toBe('last words');
        }),
      );

      testFull(
        'wakes the reader and the writer with ERR_VERDANT_CLOSED',
        connected((near) => {
          fill(near);
          const reader = spawn(() => thrown(() => near.recv()));
          const writer = spawn(() => thrown(() => near.sendAll('x')));
          letOthersRun();
          expect(getHub().stats().listeners).toBe(2);
          near.close();
          expect([reader.wait(), writer.wait()]).toEqual([code('ERR_VERDANT_CLOSED'), code('ERR_VERDANT_CLOSED')]);
          expect(getHub().stats().listeners).toBe(0);
        }),
      );

      test('from plain code wakes the reader', async () => {
        let near: Socket | undefined;
        const reader = run(() =>
          using(pair(), (one) => {
            near = one;
            return thrown(() => one.recvLine());
          }),
        );
        const poll = (): void => {
          if (near === undefined || getHub().stats().listeners === 0) setImmediate(poll);
          else near.close();
        };
        poll();
        expect(await reader).toEqual(code('ERR_VERDANT_CLOSED'));
      });

      test.each<[string, (socket: Socket) => unknown]>([
        ['recv', (socket) => socket.recv()],
        ['recvInto', (socket) => socket.recvInto(Buffer.alloc(1))],
        ['recvExactly', (socket) => socket.recvExactly(1)],
        ['recvExactly of nothing', (socket) => socket.recvExactly(0)],
        ['recvLine', (socket) => socket.recvLine()],
        ['lines', (socket) => [...socket.lines()]],
        ['send', (socket) => socket.send('x')],
        ['send of nothing', (socket) => socket.send('')],
        ['sendAll', (socket) => socket.sendAll('x')],
        ['sendAll of pieces', (socket) => socket.sendAll(['x', 'y'])],
        ['sendAll of nothing', (socket) => socket.sendAll([])],
        ['shutdown', (socket) => socket.shutdown()],
        ['setKeepAlive', (socket) => socket.setKeepAlive()],
      ])('makes %s throw ERR_VERDANT_CLOSED', (_what, use) =>
        connected((near, far) => {
          far.sendAll('something\nleft');
          near.recvExactly(2);
          near.close();
          expect(thrown(() => use(near))).toEqual(code('ERR_VERDANT_CLOSED'));
          expect([near.closed, near.fd]).toEqual([true, -1]);
        })(),
      );

      test(
        'may be called any number of times, and takes nobody else’s descriptor',
        connected((near, far) => {
          const { fd } = near;
          near.close();
          using(pair(), (one, other) => {
            expect([one.fd, other.fd]).toContain(fd); // the number is in use again
            near.close();
            near[Symbol.dispose]();
            one.sendAll('alive');
            expect(String(other.recv())).toBe('alive');
          });
          expect(far.recv()).toHaveLength(0);
        }),
      );

      test(
        'does not let an old event wake whoever has the number now',
        connected((near, far) => {
          const reader = spawn(() => thrown(() => near.recv()));
          letOthersRun();
          const { fd } = near;
          far.sendAll('an event that is on its way');
          near.close();
          using(pair(), (one, other) => {
            const mine = one.fd === fd ? one : other;
            expect(thrown(() => mine.recv(10, { timeout: 5 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
          });
          expect(reader.wait()).toEqual(code('ERR_VERDANT_CLOSED'));
        }),
      );
    });

    describe('used by two at the same time', () => {
      const first = { name: 'the early one' };
      const second = { name: 'the late one' };
      const expectRefused = (error: unknown): void => {
        expect(error).toEqual(code('ERR_VERDANT_CONCURRENT_USE'));
        expect((error as Error).message).toMatch(/The first: .*the early one[^]*The second: .*the late one/);
        expect((error as Error).message).toContain('socket.test');
      };

      const readers: [string, (socket: Socket) => unknown][] = [
        ['recv', (socket) => socket.recv()],
        ['recvInto', (socket) => socket.recvInto(Buffer.alloc(1))],
        ['recvExactly', (socket) => socket.recvExactly(5)],
        ['recvLine', (socket) => socket.recvLine()],
      ];
      const pairs = readers.flatMap(([one, use]) => readers.map(([two, alsoUse]) => [one, two, use, alsoUse] as const));
      test.each(pairs)('%s is not disturbed by a second %s, which is refused', (_one, _two, use, alsoUse) =>
        connected((near, far) => {
          const reader = spawn(first, () => use(near));
          letOthersRun();
          expectRefused(spawn(second, () => thrown(() => alsoUse(near))).wait());
          far.sendAll('line\n');
          reader.wait();
        })(),
      );

      const writers: [string, (socket: Socket) => unknown][] = [
        ['send', (socket) => socket.send('x')],
        ['sendAll', (socket) => socket.sendAll('x')],
        ['sendAll of pieces', (socket) => socket.sendAll(['x', 'y'])],
      ];
      const both = writers.flatMap(([one, use]) => writers.map(([two, alsoUse]) => [one, two, use, alsoUse] as const));
      testFull.each(both)('%s is not disturbed by a second %s, which is refused', (_one, _two, use, alsoUse) =>
        connected((near, far) => {
          const before = fill(near);
          const writer = spawn(first, () => use(near));
          letOthersRun();
          expectRefused(spawn(second, () => thrown(() => alsoUse(near))).wait());
          far.recvExactly(before);
          writer.wait();
        })(),
      );

      test(
        'a sender in the middle of a long piece is not mixed up with another, although there is room just then',
        connected((near, far) => {
          const long = Buffer.alloc(20_000_000, 'l');
          const writer = spawn(first, () => near.sendAll(long));
          letOthersRun();
          far.recv();
          expectRefused(spawn(second, () => thrown(() => near.sendAll('short'))).wait());
          expect(far.recvExactly(1_000_000).every((byte) => byte === 0x6c)).toBe(true);
          writer.kill();
          letOthersRun();
        }),
      );

      testFull(
        'one may read while another writes',
        connected((near, far) => {
          const before = fill(near);
          const reader = spawn(() => near.recvLine());
          const writer = spawn(() => near.sendAll('x'));
          letOthersRun();
          far.sendAll('while you wait\n');
          expect(reader.wait()).toBe('while you wait');
          expect(writer.dead).toBe(false);
          far.recvExactly(before);
          writer.wait();
        }),
      );

      test(
        'they may take turns',
        connected((near, far) => {
          for (const text of ['one', 'two']) {
            const reader = spawn(() => String(near.recv()));
            letOthersRun();
            far.sendAll(text);
            expect(reader.wait()).toBe(text);
          }
        }),
      );
    });

    describe('setTimeout', () => {
      testFull(
        'is for all calls that are given none',
        connected((near) => {
          expect(near.setTimeout(2)).toBe(near);
          expect(thrown(() => near.recv())).toEqual(code('ERR_VERDANT_TIMEOUT'));
          expect(thrown(() => near.recvExactly(1))).toEqual(code('ERR_VERDANT_TIMEOUT'));
          expect(thrown(() => near.recvLine({ signal: new AbortController().signal }))).toEqual(
            code('ERR_VERDANT_TIMEOUT'),
          );
          fill(near);
          expect(thrown(() => near.sendAll('x'))).toEqual(code('ERR_VERDANT_TIMEOUT'));
          expect(thrown(() => near.send('x'))).toEqual(code('ERR_VERDANT_TIMEOUT'));
        }),
      );

      test(
        'gives way to a call’s own, and to Infinity',
        connected((near, far) => {
          near.setTimeout(1);
          const reader = spawn(() => String(near.recv(10, { timeout: 10_000 })));
          const start = performance.now();
          while (performance.now() - start < 5) letOthersRun();
          far.sendAll('later');
          expect(reader.wait()).toBe('later');
          near.setTimeout(Infinity);
          const patient = spawn(() => String(near.recv()));
          while (performance.now() - start < 10) letOthersRun();
          expect(patient.dead).toBe(false);
          far.sendAll('x');
          expect(patient.wait()).toBe('x');
        }),
      );

      test.each([-1, NaN])('refuses %p', (ms) =>
        connected((near) => expect(thrown(() => near.setTimeout(ms))).toEqual(code('ERR_OUT_OF_RANGE')))(),
      );

      test(
        'refuses what is no number',
        connected((near) =>
          expect(thrown(() => near.setTimeout('1' as unknown as number))).toEqual(code('ERR_INVALID_ARG_TYPE')),
        ),
      );
    });
  });

  describe('reset', () => {
    test('gives the other end ECONNRESET, reading and writing', async () => {
      await run(() =>
        using(tcpPair(), (near, far) => {
          const reader = spawn(() => thrown(() => far.recv()));
          letOthersRun();
          near.close({ reset: true });
          expect(reader.wait()).toEqual(code('ECONNRESET'));
          expect(['EPIPE', 'ECONNRESET']).toContain((thrown(() => far.send('x')) as { code: string }).code);
        }),
      );
    });

    test('drops what has not been sent', async () => {
      await run(() =>
        using(tcpPair(), (near, far) => {
          const before = fill(near);
          near.close({ reset: true });
          let got = 0;
          const error = thrown(() => {
            for (;;) got += far.recv().length;
          });
          expect(error).toMatchObject({ code: 'ECONNRESET', syscall: 'read', errno: -104 });
          expect(got).toBeLessThan(before);
        }),
      );
    });

    test('by the other end wakes a writer that waits', async () => {
      await run(() =>
        using(tcpPair(), (near, far) => {
          const writer = spawn(() => thrown(() => near.sendAll(Buffer.alloc(50_000_000))));
          letOthersRun();
          far.close({ reset: true });
          expect(['EPIPE', 'ECONNRESET']).toContain((writer.wait() as { code: string }).code);
        }),
      );
    });
  });

  describe('options, as another process sees them', () => {
    test.each<[string, () => [Socket, Socket]]>([
      ['connected and accepted', tcpPair],
      [
        'connected and accepted with noDelay: false',
        () => {
          using listener = listen('127.0.0.1:0', { noDelay: false });
          return [connect(listener.address, { noDelay: false }), listener.accept()];
        },
      ],
    ])('TCP_NODELAY of %s sockets', async (what, pair) => {
      await run(() =>
        using(pair(), (...sockets) => {
          for (const socket of sockets) {
            const noDelay = (): boolean => optionOf(socket.fd, 'IPPROTO_TCP', 'TCP_NODELAY') !== 0;
            expect(noDelay()).toBe(!what.includes('false'));
            expect([socket.setNoDelay(false), noDelay()]).toEqual([socket, false]);
            expect([socket.setNoDelay(), noDelay()]).toEqual([socket, true]);
          }
        }),
      );
    });

    test('setKeepAlive turns SO_KEEPALIVE on with that delay, and off', async () => {
      await run(() =>
        using(tcpPair(), (near) => {
          const keepAlive = (): boolean => optionOf(near.fd, 'SOL_SOCKET', 'SO_KEEPALIVE') !== 0;
          expect(keepAlive()).toBe(false);
          expect(near.setKeepAlive(true, 5_000)).toBe(near);
          expect([keepAlive(), optionOf(near.fd, 'IPPROTO_TCP', 'TCP_KEEPIDLE')]).toEqual([true, 5]);
          near.setKeepAlive(false);
          expect(keepAlive()).toBe(false);
        }),
      );
    });

    test('neither is an error on Unix sockets', () => {
      using([...socketPair()], (near) => {
        expect(near.setNoDelay().setNoDelay(false).setKeepAlive(true, 5000)).toBe(near);
      });
    });

    test('every descriptor is closed on exec and non-blocking, and no child process sees it', async () => {
      await run(() => {
        const listener = listen('127.0.0.1:0');
        const datagram = new DatagramSocket('127.0.0.1:0');
        const all = [listener, datagram, ...socketPair(), connect(listener.address), listener.accept()];
        using(all, () => {
          for (const { fd } of all) expect(flagsOf(fd)).toEqual({ closeOnExec: true, nonBlocking: true });
          const program =
            'for (const fd of fs.readdirSync("/proc/self/fd")) try { console.log(fs.readlinkSync("/proc/self/fd/" + fd)) } catch {}';
          const inherited = execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' });
          expect(inherited).toContain('anon_inode:');
          for (const { fd } of all) expect(inherited).not.toContain(readlinkSync(`/proc/self/fd/${fd}`));
        });
      });
    });
  });

  describe('addresses', () => {
    test('are those of both ends, the same object every time, and are kept when it is closed', async () => {
      await run(() =>
        using(tcpPair(), (near, far) => {
          const { localAddress, remoteAddress } = near;
          expect(localAddress).toEqual({
            host: '127.0.0.1',
            address: '127.0.0.1',
            family: 'IPv4',
            port: expect.any(Number),
          });
          expect([far.localAddress, far.remoteAddress]).toEqual([remoteAddress, localAddress]);
          expect(near.localAddress).toBe(localAddress);
          near.close();
          expect([near.localAddress, near.remoteAddress]).toEqual([localAddress, remoteAddress]);
        }),
      );
    });

    test('are undefined if nobody had asked before it was closed; an accepted socket knows its client', async () => {
      await run(() =>
        using(tcpPair(), (near, far) => {
          const client = near.localAddress;
          near.close();
          far.close();
          expect([near.remoteAddress, far.localAddress]).toEqual([undefined, undefined]);
          expect(far.remoteAddress).toEqual(client);
        }),
      );
    });

    test('of a pair have no path', () => {
      using([...socketPair()], ({ localAddress, remoteAddress }) => {
        const unnamed = { host: '', address: '', family: 'Unix', port: 0, path: '' };
        expect([localAddress, remoteAddress]).toEqual([unnamed, unnamed]);
      });
    });

    testIPv6('of IPv6 connections are IPv6', async () => {
      await run(() => {
        using listener = listen('[::1]:0');
        using([connect(listener.address)], ({ localAddress }) =>
          expect(localAddress).toMatchObject({ host: '::1', address: '::1', family: 'IPv6' }),
        );
      });
    });
  });

  test('handlers and readers keep the AsyncLocalStorage of their spawner across waits', async () => {
    const storage = new AsyncLocalStorage<string>();
    await run(() =>
      using(tcpPair(), (near, far) => {
        const reader = storage.run('mine', () =>
          spawn(() => {
            near.recv();
            return storage.getStore();
          }),
        );
        letOthersRun();
        storage.run('other', () => far.sendAll('x'));
        expect(reader.wait()).toBe('mine');
      }),
    );
  });

  test('a socket that is used on one hub goes on being used on the next', async () => {
    const sockets = await run(() => {
      const [near, far] = tcpPair();
      const reader = spawn(() => String(near.recv()));
      letOthersRun();
      far.sendAll('before');
      expect(reader.wait()).toBe('before');
      return { near, far };
    });
    const listener = await run(() => {
      const made = listen('127.0.0.1:0');
      thrown(() => made.accept({ timeout: 0 }));
      return made;
    });
    for (const next of [...availableHubs(), hub]) {
      useHub(next);
      await run(() => {
        const { near, far } = sockets;
        const reader = spawn(() => String(near.recv(5)));
        letOthersRun();
        far.sendAll('after');
        expect(reader.wait()).toBe('after');
        const before = fill(far);
        const writer = spawn(() => far.sendAll('x'));
        letOthersRun();
        near.recvExactly(before + 1);
        writer.wait();
        const server = spawn(() => listener.accept());
        letOthersRun();
        using client = connect(listener.address);
        using accepted = server.wait();
        expect(accepted.remoteAddress).toEqual(client.localAddress);
      });
    }
    for (const socket of [sockets.near, sockets.far, listener]) socket.close();
  });

  // They need a garbage collector at hand, or threads and processes that end.
  test.each(['forgotten.cjs', 'workers.cjs', 'killed_everywhere.cjs'])('%s', async (script) => {
    await expectOk(__dirname, script, { flags: ['--expose-gc'], env: { VERDANT_HUB: hub } });
  });
});

test('socketPair gives two ends of one connection, in plain code too', () => {
  const ends = socketPair();
  using(ends, (left, right) => {
    expect([left, right]).toEqual([expect.any(Socket), expect.any(Socket)]);
    expect(inspect(left)).toContain('Socket');
  });
});
