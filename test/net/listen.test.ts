// listen(): where, how it fails, what its address says, and what is left when it is closed.
import { existsSync, writeFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { run, spawn } from 'verdant';
import { availableHubs } from 'verdant/hub';
import { connect, listen, type Listener, type ListenOptions, type Socket } from 'verdant/net';
import { code, thrown } from '../core/thrown';
import { expectOk } from '../support/children';
import { onHub } from './support/hubs';
import { temporaryFolder, testIPv6, using } from './support/sockets';

const path = temporaryFolder();

function listensAt(address: Parameters<typeof listen>[0], options?: ListenOptions): Listener['address'] {
  return using([listen(address, options)], (listener) => listener.address);
}

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  describe('address', () => {
    test('has the port that the system chose for port 0', () => {
      const { port, ...rest } = listensAt('127.0.0.1:0');
      expect(port).toBeGreaterThan(0);
      expect(rest).toEqual({ host: '127.0.0.1', address: '127.0.0.1', family: 'IPv4' });
    });

    test('is the loopback for localhost, in plain code too', () => {
      expect(listensAt('localhost:0').host).toMatch(/^(127\.0\.0\.1|::1)$/);
    });

    test('of a host name needs a green thread, and the error says what to do', () => {
      expect(thrown(() => listen('verdant.invalid:0'))).toMatchObject({
        code: 'ERR_VERDANT_NOT_GREEN',
        message: expect.stringContaining('give the address'),
      });
    });

    test('of a host name that does not exist is the resolver’s error on a green thread', async () => {
      await run(() => {
        expect(thrown(() => listen('verdant.invalid:0'))).toMatchObject({ syscall: 'getaddrinfo' });
      });
    });

    test('of a path is that path', () => {
      expect(listensAt({ path: path('address') })).toEqual({
        host: '',
        address: '',
        family: 'Unix',
        port: 0,
        path: path('address'),
      });
    });

    test.each([':0', '*:0', { port: 0 }, { host: '', port: 0 }])('%j is all interfaces', async (address) => {
      await run(() => {
        using listener = listen(address);
        expect(['::', '0.0.0.0']).toContain(listener.address.host);
        using client = connect({ host: '127.0.0.1', port: listener.address.port });
        using accepted = listener.accept();
        expect(accepted.remoteAddress!.port).toBe(client.localAddress!.port);
      });
    });

    testIPv6('[::1]:0 is IPv6 alone', () => {
      expect(listensAt('[::1]:0')).toMatchObject({ host: '::1', family: 'IPv6' });
    });

    testIPv6('an IPv4 client of :: appears as an IPv6 address, and with ipv6Only it is refused', async () => {
      await run(() => {
        using both = listen('[::]:0');
        using client = connect({ host: '127.0.0.1', port: both.address.port });
        using accepted = both.accept();
        expect(accepted.remoteAddress).toMatchObject({ family: 'IPv6', port: client.localAddress!.port });
        expect(isIPv6(accepted.remoteAddress!.host)).toBe(true);
        using only = listen('[::]:0', { ipv6Only: true });
        expect(thrown(() => connect({ host: '127.0.0.1', port: only.address.port }))).toEqual(code('ECONNREFUSED'));
      });
    });
  });

  describe('fails', () => {
    test('with EADDRINUSE in the shape of a Node error, and leaves no descriptor', () => {
      using listener = listen('127.0.0.1:0');
      const { port } = listener.address;
      expect(thrown(() => listen({ host: '127.0.0.1', port }))).toMatchObject({
        code: 'EADDRINUSE',
        errno: -98,
        syscall: 'listen',
        address: '127.0.0.1',
        port,
        message: `listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
      });
    });

    test('with EADDRINUSE for a path that exists, which stays', () => {
      writeFileSync(path('file'), 'mine');
      expect(thrown(() => listen({ path: path('file') }))).toMatchObject({ code: 'EADDRINUSE', address: path('file') });
      expect(existsSync(path('file'))).toBe(true);
    });

    test('with EADDRNOTAVAIL for an address of another machine', () => {
      expect(thrown(() => listen('192.0.2.1:0'))).toEqual(code('EADDRNOTAVAIL'));
    });

    test('with ENOENT for a path in a folder that does not exist', () => {
      expect(thrown(() => listen({ path: path('no/such/folder') }))).toEqual(code('ENOENT'));
    });

    test.each<[string, unknown, unknown, string]>([
      ['a number as address', 80, undefined, 'ERR_INVALID_ARG_TYPE'],
      ['text without a port', 'localhost', undefined, 'ERR_INVALID_ARG_VALUE'],
      ['null as options', '127.0.0.1:0', null, 'ERR_INVALID_ARG_TYPE'],
      ['a negative backlog', '127.0.0.1:0', { backlog: -1 }, 'ERR_OUT_OF_RANGE'],
      ['a backlog of text', '127.0.0.1:0', { backlog: '1' }, 'ERR_INVALID_ARG_TYPE'],
    ])('for %s', (_what, address, options, expected) => {
      expect(thrown(() => listen(address as string, options as ListenOptions))).toEqual(code(expected));
    });
  });

  test('with reusePort two listeners share a port, and both get connections', async () => {
    await run(() => {
      using first = listen('127.0.0.1:0', { reusePort: true });
      using second = listen(first.address, { reusePort: true });
      // Where each goes is decided by a hash of its ports: that 64 go to one side has a chance of 2^-63.
      const clients = Array.from({ length: 64 }, () => connect(first.address));
      const counts = [first, second].map((listener) => {
        let count = 0;
        for (; acceptNow(listener); count += 1);
        return count;
      });
      for (const client of clients) client.close({ reset: true });
      expect(counts[0]! + counts[1]!).toBe(64);
      expect(Math.min(...counts)).toBeGreaterThan(0);
    });
  });

  test('a port is free again as soon as its listener is closed, although a connection lives on', async () => {
    await run(() => {
      const listener = listen('127.0.0.1:0');
      using client = connect(listener.address);
      using accepted = listener.accept();
      listener.close();
      using again = listen(listener.address);
      client.sendAll('still here\n');
      expect(accepted.recvLine()).toBe('still here');
      expect(again.address).toEqual(listener.address);
    });
  });

  test('a Unix path is there while it listens and removed when it is closed', () => {
    const listener = listen({ path: path('temporary') });
    expect(existsSync(path('temporary'))).toBe(true);
    listener.close();
    expect(existsSync(path('temporary'))).toBe(false);
    listener.close(); // which is harmless
  });

  test('closing resets who has not been accepted, and leaves the accepted alone', async () => {
    await run(() => {
      const listener = listen('127.0.0.1:0');
      using accepted = connect(listener.address);
      using server = listener.accept();
      using waiting = connect(listener.address);
      listener.close();
      expect(thrown(() => waiting.recv())).toEqual(code('ECONNRESET'));
      server.sendAll('accepted\n');
      expect(accepted.recvLine()).toBe('accepted');
      expect([listener.closed, listener.fd]).toEqual([true, -1]);
    });
  });

  test('iterating gives its connections until it is closed', async () => {
    await run(() => {
      const listener = listen('127.0.0.1:0');
      const lines: string[] = [];
      const server = spawn(() => {
        for (const socket of listener) {
          lines.push(using([socket], () => socket.recvLine()!));
          if (lines.length === 2) listener.close();
        }
      });
      for (const line of ['one', 'two']) using([connect(listener.address)], (client) => client.sendAll(line));
      server.wait();
      expect(lines).toEqual(['one', 'two']);
    });
  });
});

test.each(['a listener', 'a socket', 'a datagram socket', 'a listener as a datagram socket'])(
  'an inherited descriptor serves as %s',
  async (what) => {
    await expectOk(__dirname, 'inherited.cjs', { args: [what] });
  },
);

function acceptNow(listener: Listener): boolean {
  let socket: Socket;
  try {
    socket = listener.accept({ timeout: 0 });
  } catch (error) {
    expect(error).toEqual(code('ERR_VERDANT_TIMEOUT'));
    return false;
  }
  socket.close();
  return true;
}
