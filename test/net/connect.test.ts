// connect(): to whom, from where, how it fails, and that nothing is left of what was interrupted.
import { promises as dns } from 'node:dns';
import { run, spawn } from 'verdant';
import { availableHubs, getHub } from 'verdant/hub';
import { connect, type ConnectOptions, listen, type Socket } from 'verdant/net';
import { code, thrown } from '../core/thrown';
import { onHub } from './support/hubs';
import {
  closedPort,
  fullListener,
  letOthersRun,
  openDescriptors,
  temporaryFolder,
  testIPv6,
  using,
} from './support/sockets';

const path = temporaryFolder();

// Nothing is left of an attempt that failed: no descriptor, nobody who waits, no timer.
function leavesNothing(attempt: () => void): void {
  connect(`127.0.0.1:${warmUp()}`).close(); // what the reactor opens once and keeps
  const before = openDescriptors();
  attempt();
  expect(openDescriptors()).toBe(before);
  expect(getHub().stats()).toMatchObject({ listeners: 0, timers: 0 });
}

function warmUp(): number {
  const listener = listen('127.0.0.1:0');
  spawn(() => {
    listener.accept().close();
    listener.close();
  });
  return listener.address.port;
}

function greeting(socket: Socket): string {
  return using([socket], () => socket.recvLine()!);
}

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  describe('reaches a server', () => {
    test.each<[string, (port: number) => Parameters<typeof connect>[0]]>([
      ['host:port', (port) => `127.0.0.1:${port}`],
      ['a name', (port) => `localhost:${port}`],
      ['{ host, port }', (port) => ({ host: '127.0.0.1', port })],
      ['{ port }, on this machine', (port) => ({ port })],
      [':port, on this machine', (port) => `:${port}`],
    ])('by %s', async (_what, addressOf) => {
      await run(() => {
        using listener = listen('127.0.0.1:0');
        const server = spawn(() => using([listener.accept()], (socket) => socket.sendAll('welcome\n')));
        expect(greeting(connect(addressOf(listener.address.port)))).toBe('welcome');
        server.wait();
      });
    });

    test('by the address object of its listener, and of a connection to it', async () => {
      await run(() => {
        using listener = listen('127.0.0.1:0');
        using first = connect(listener.address);
        using second = connect(first.remoteAddress!);
        expect(second.remoteAddress).toEqual(listener.address);
      });
    });

    testIPv6('by [::1]:port', async () => {
      await run(() => {
        using listener = listen('[::1]:0');
        using socket = connect(`[::1]:${listener.address.port}`);
        expect(socket.remoteAddress).toMatchObject({ host: '::1', family: 'IPv6' });
      });
    });

    test('by a Unix path', async () => {
      await run(() => {
        using listener = listen({ path: path('server') });
        using socket = connect({ path: path('server') });
        using accepted = listener.accept();
        socket.sendAll('over a path\n');
        expect(accepted.recvLine()).toBe('over a path');
        expect(socket.remoteAddress).toMatchObject({ family: 'Unix', path: path('server'), port: 0 });
      });
    });

    // Other systems know no names outside of the file system.
    (process.platform === 'linux' ? test : test.skip)('by an abstract name, which only Linux has', async () => {
      await run(() => {
        using listener = listen({ path: `\0verdant-${process.pid}` });
        using socket = connect(listener.address);
        using accepted = listener.accept();
        socket.sendAll('no file\n');
        expect(accepted.recvLine()).toBe('no file');
      });
    });
  });

  describe('a name with several addresses', () => {
    let addresses: string[] = [];
    beforeEach(() => {
      jest
        .spyOn(dns, 'lookup')
        .mockImplementation((() =>
          Promise.resolve(addresses.map((address) => ({ address, family: 4 })))) as unknown as typeof dns.lookup);
    });

    afterEach(() => {
      jest.restoreAllMocks();
    });

    test('is tried in turn: the second is reached when the first refuses', async () => {
      await run(() => {
        using listener = listen('127.0.0.1:0');
        addresses = ['127.0.0.2', '127.0.0.1'];
        leavesNothing(() => {
          using socket = connect(`two.test:${listener.address.port}`);
          expect(socket.remoteAddress!.host).toBe('127.0.0.1');
        });
      });
    });

    test('is tried in turn: the second is reached when the first does not answer', async () => {
      await run(() => {
        const { listener: silent, filler } = fullListener();
        using listener = listen({ host: '127.0.0.2', port: silent.address.port });
        addresses = ['127.0.0.1', '127.0.0.2'];
        using([connect(`two.test:${listener.address.port}`), silent, filler], (socket) => {
          expect(socket.remoteAddress!.host).toBe('127.0.0.2');
        });
      });
    });

    test('gives an AggregateError with each reason, and the code of the first', async () => {
      await run(() => {
        addresses = ['127.0.0.1', '127.0.0.2'];
        const port = closedPort();
        leavesNothing(() => {
          const error = thrown(() => connect(`two.test:${port}`)) as AggregateError & { code: string };
          expect(error).toBeInstanceOf(AggregateError);
          expect(error.code).toBe('ECONNREFUSED');
          expect(error.errors).toEqual([
            expect.objectContaining({ code: 'ECONNREFUSED', address: '127.0.0.1', port }),
            expect.objectContaining({ code: 'ECONNREFUSED', address: '127.0.0.2', port }),
          ]);
        });
      });
    });

    test('has one timeout for all of them', async () => {
      await run(() => {
        const { listener, filler } = fullListener();
        addresses = ['127.0.0.1', '127.0.0.1', '127.0.0.1'];
        const start = performance.now();
        using([listener, filler], () => {
          expect(thrown(() => connect(`three.test:${listener.address.port}`, { timeout: 300 }))).toEqual(
            code('ERR_VERDANT_TIMEOUT'),
          );
        });
        // Three attempts with the timeout each would have taken 250 + 250 + 300 ms.
        expect(performance.now() - start).toBeGreaterThanOrEqual(299);
      });
    });
  });

  describe('fails', () => {
    test('with ECONNREFUSED in the shape of a Node error when nobody listens', async () => {
      await run(() => {
        const port = closedPort();
        leavesNothing(() => {
          expect(thrown(() => connect({ host: '127.0.0.1', port }))).toMatchObject({
            code: 'ECONNREFUSED',
            errno: -111,
            syscall: 'connect',
            address: '127.0.0.1',
            port,
            message: `connect ECONNREFUSED 127.0.0.1:${port}`,
          });
        });
      });
    });

    test('with ENOENT for a path that does not exist', async () => {
      await run(() => {
        leavesNothing(() => {
          expect(thrown(() => connect({ path: path('nobody') }))).toMatchObject({
            code: 'ENOENT',
            syscall: 'connect',
            address: path('nobody'),
          });
        });
      });
    });

    test('with ENAMETOOLONG for a path that no Unix socket can have', async () => {
      await run(() => {
        leavesNothing(() => {
          expect(thrown(() => connect({ path: `/${'x'.repeat(200)}` }))).toEqual(code('ENAMETOOLONG'));
        });
      });
    });

    test('with what the resolver says of a name that does not exist', async () => {
      await run(() => {
        leavesNothing(() => {
          expect(thrown(() => connect('verdant.invalid:80'))).toMatchObject({
            syscall: 'getaddrinfo',
            hostname: 'verdant.invalid',
          });
        });
      });
    });

    test.each<[string, number, string]>([
      ['no descriptor', 1_000_000, 'EBADF'],
      ['a file', -1, 'ENOTSOCK'],
    ])('for { fd } that is %s', async (_what, fd, expected) => {
      const { openSync, closeSync } = await import('node:fs');
      const file = openSync(__filename, 'r');
      await run(() => {
        expect(thrown(() => connect({ fd: fd === -1 ? file : fd }))).toEqual(code(expected));
      });
      closeSync(file); // it is still ours
    });
  });

  describe('from where', () => {
    test('localAddress and localPort choose this end', async () => {
      await run(() => {
        using listener = listen('127.0.0.1:0');
        const localPort = closedPort();
        const socket = connect(listener.address, { localAddress: '127.0.0.9', localPort });
        using accepted = listener.accept();
        expect(socket.localAddress).toMatchObject({ host: '127.0.0.9', port: localPort });
        expect(accepted.remoteAddress).toEqual(socket.localAddress);
        socket.close({ reset: true }); // so that the port is free at once
      });
    });

    test('an address of another machine gives EADDRNOTAVAIL from bind', async () => {
      await run(() => {
        using listener = listen('127.0.0.1:0');
        leavesNothing(() => {
          expect(thrown(() => connect(listener.address, { localAddress: '192.0.2.1' }))).toMatchObject({
            code: 'EADDRNOTAVAIL',
            syscall: 'bind',
            address: '192.0.2.1',
          });
        });
      });
    });
  });

  describe('refuses', () => {
    test.each<[string, unknown, string]>([
      ['a number', 80, 'ERR_INVALID_ARG_TYPE'],
      ['null', null, 'ERR_INVALID_ARG_TYPE'],
      ['text without a port', 'example.com', 'ERR_INVALID_ARG_VALUE'],
      ['an IPv6 address without brackets', '::1:80', 'ERR_INVALID_ARG_VALUE'],
      ['a port beyond 65535', '127.0.0.1:65536', 'ERR_SOCKET_BAD_PORT'],
      ['half a port', { host: '127.0.0.1', port: 1.5 }, 'ERR_SOCKET_BAD_PORT'],
      ['a port of text', { host: '127.0.0.1', port: '80' }, 'ERR_INVALID_ARG_TYPE'],
      ['no port', { host: '127.0.0.1' }, 'ERR_INVALID_ARG_TYPE'],
      ['a host that is no text', { host: 1, port: 80 }, 'ERR_INVALID_ARG_TYPE'],
      ['a host with a null byte', { host: 'a\0b', port: 80 }, 'ERR_INVALID_ARG_TYPE'],
      ['a path that is no text', { path: 1 }, 'ERR_INVALID_ARG_TYPE'],
      ['a path with a null byte', { path: '/tmp/a\0b' }, 'ERR_INVALID_ARG_TYPE'],
      ['a negative descriptor', { fd: -1 }, 'ERR_OUT_OF_RANGE'],
      ['a descriptor of text', { fd: '1' }, 'ERR_INVALID_ARG_TYPE'],
    ])('%s as address', async (_what, address, expected) => {
      await run(() => {
        expect(thrown(() => connect(address as string))).toEqual(code(expected));
      });
    });

    test.each<[string, unknown, string]>([
      ['null', null, 'ERR_INVALID_ARG_TYPE'],
      ['a negative timeout', { timeout: -1 }, 'ERR_OUT_OF_RANGE'],
      ['a timeout of text', { timeout: '1' }, 'ERR_INVALID_ARG_TYPE'],
      ['a signal that is none', { signal: {} }, 'ERR_INVALID_ARG_TYPE'],
      ['a family that is none', { family: 5 }, 'ERR_OUT_OF_RANGE'],
      ['a local address that is a name', { localAddress: 'localhost' }, 'ERR_INVALID_IP_ADDRESS'],
      ['a local address that is no text', { localAddress: 5 }, 'ERR_INVALID_ARG_TYPE'],
      ['a local port of text', { localPort: '80' }, 'ERR_INVALID_ARG_TYPE'],
      ['a local port beyond 65535', { localPort: 65536 }, 'ERR_SOCKET_BAD_PORT'],
    ])('%s as options', async (_what, options, expected) => {
      await run(() => {
        expect(thrown(() => connect('127.0.0.1:1', options as ConnectOptions))).toEqual(code(expected));
      });
    });
  });

  describe('interrupted while it connects', () => {
    // Runs `attempt` on a green thread of its own against a server that does not answer.
    function against(attempt: (address: { host: string; port: number }) => void): void {
      const { listener, filler } = fullListener();
      using([listener, filler], () => leavesNothing(() => attempt(listener.address)));
    }

    test('by its timeout, it throws a TimeoutError', async () => {
      await run(() => {
        against((address) => {
          expect(thrown(() => connect(address, { timeout: 10 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
        });
      });
    });

    test('by its signal, it throws the reason', async () => {
      await run(() => {
        against((address) => {
          const controller = new AbortController();
          const reason = new Error('enough');
          const thread = spawn(() => thrown(() => connect(address, { signal: controller.signal })));
          letOthersRun();
          controller.abort(reason);
          expect(thread.wait()).toBe(reason);
        });
      });
    });

    test('by a kill, it leaves no descriptor', async () => {
      await run(() => {
        against((address) => {
          const thread = spawn(() => connect(address));
          letOthersRun();
          expect(getHub().stats().listeners).toBe(1);
          thread.kill();
          letOthersRun();
          expect(thread.dead).toBe(true);
        });
      });
    });

    test('by a kill before it has begun, it leaves no descriptor', async () => {
      await run(() => {
        against((address) => {
          const thread = spawn(() => connect(address));
          thread.kill();
          letOthersRun();
          expect(thread.dead).toBe(true);
        });
      });
    });

    test('by a signal that has aborted before, it does not even begin', async () => {
      await run(() => {
        using listener = listen('127.0.0.1:0');
        leavesNothing(() => {
          const reason = new Error('too late');
          expect(thrown(() => connect(listener.address, { signal: AbortSignal.abort(reason) }))).toBe(reason);
        });
        expect(thrown(() => listener.accept({ timeout: 0 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
      });
    });

    test('by its timeout while the name is resolved, it throws a TimeoutError', async () => {
      jest.spyOn(dns, 'lookup').mockImplementation((() => new Promise(() => {})) as unknown as typeof dns.lookup);
      await run(() => {
        leavesNothing(() => {
          expect(thrown(() => connect('never.test:80', { timeout: 5 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
        });
      });
      jest.restoreAllMocks();
    });
  });

  test('waits while the backlog of a Unix listener is full', async () => {
    await run(() => {
      using listener = listen({ path: path('full') }, { backlog: 0 });
      using first = connect(listener.address);
      const second = spawn(() => connect(listener.address));
      letOthersRun();
      expect(second.dead).toBe(false);
      using([listener.accept(), second.wait(), listener.accept(), first], (one, two, other) => {
        two.sendAll('second\n');
        expect(other.recvLine()).toBe('second');
        expect(one.closed).toBe(false);
      });
    });
  });

  test('to a Unix listener whose backlog stays full ends with its timeout', async () => {
    await run(() => {
      using listener = listen({ path: path('stays_full') }, { backlog: 0 });
      using _first = connect(listener.address);
      leavesNothing(() => {
        expect(thrown(() => connect(listener.address, { timeout: 20 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
      });
    });
  });
});
