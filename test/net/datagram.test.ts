// DatagramSocket: messages whole or not at all, to and from whom, and its options.
import { run, spawn } from 'verdant';
import { availableHubs, getHub } from 'verdant/hub';
import { DatagramSocket } from 'verdant/net';
import { code, thrown } from '../core/thrown';
import { onHub } from './support/hubs';
import { letOthersRun, openDescriptors, optionOf, testIPv6, using } from './support/sockets';

// Runs the test on a green thread, with two sockets that nobody else sends to.
function withTwo(body: (near: DatagramSocket, far: DatagramSocket) => void): () => Promise<void> {
  return () => run(() => using([new DatagramSocket('127.0.0.1:0'), new DatagramSocket('127.0.0.1:0')], body));
}

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  afterEach(() => {
    expect(getHub().stats()).toMatchObject({ listeners: 0, timers: 0 });
  });

  test(
    'a message comes with its sender, to whom an answer can go',
    withTwo((near, far) => {
      near.sendTo('ping', far.address);
      const { data, address } = far.recvFrom();
      expect([String(data), address]).toEqual(['ping', near.address]);
      far.sendTo(data, address);
      expect(String(near.recv())).toBe('ping');
    }),
  );

  test(
    'messages keep their bounds, empty ones too',
    withTwo((near, far) => {
      for (const text of ['one', '', 'three']) near.sendTo(text, far.address);
      expect([far.recv(), far.recv(), far.recv()].map(String)).toEqual(['one', '', 'three']);
    }),
  );

  test(
    'the longest message of 65,507 bytes comes whole, and a longer one is EMSGSIZE',
    withTwo((near, far) => {
      const longest = Buffer.alloc(65_507, 'x').fill('end', 65_504);
      near.sendTo(longest, far.address);
      expect(far.recv().equals(longest)).toBe(true);
      expect(thrown(() => near.sendTo(Buffer.alloc(65_508), far.address))).toEqual(code('EMSGSIZE'));
    }),
  );

  test(
    'what was received stays as it is when more comes',
    withTwo((near, far) => {
      near.sendTo('first', far.address);
      const first = far.recv();
      near.sendTo('other', far.address);
      far.recv();
      expect(String(first)).toBe('first');
    }),
  );

  test(
    'receiving waits until something comes',
    withTwo((near, far) => {
      const reader = spawn(() => String(far.recv()));
      letOthersRun();
      expect(reader.dead).toBe(false);
      near.sendTo('late', far.address);
      expect(reader.wait()).toBe('late');
    }),
  );

  test.each<[string, (port: number) => Parameters<DatagramSocket['sendTo']>[1]]>([
    ['host:port', (port) => `127.0.0.1:${port}`],
    ['a name', (port) => `localhost:${port}`],
    [':port, which is this machine', (port) => `:${port}`],
    ['{ host, port }', (port) => ({ host: '127.0.0.1', port })],
  ])('sendTo takes %s', async (_what, addressOf) => {
    await withTwo((near, far) => {
      near.sendTo('x', addressOf(far.address.port));
      expect(String(far.recv())).toBe('x');
    })();
  });

  test(
    'all kinds of data can be sent',
    withTwo((near, far) => {
      for (const data of ['€', new Uint8Array([1, 2]), new Uint16Array([0x0303]), new Uint8Array([4]).buffer]) {
        near.sendTo(data, far.address);
      }
      expect([far.recv(), far.recv(), far.recv(), far.recv()]).toEqual([
        Buffer.from('€'),
        Buffer.from([1, 2]),
        Buffer.from([3, 3]),
        Buffer.from([4]),
      ]);
    }),
  );

  test('one that is not bound gets a port when it sends', async () => {
    await run(() =>
      using([new DatagramSocket(), new DatagramSocket('127.0.0.1:0')], (unbound, bound) => {
        expect(unbound.address.port).toBe(0);
        unbound.sendTo('x', bound.address);
        expect(bound.recvFrom().address.port).toBe(unbound.address.port);
        expect(unbound.address.port).toBeGreaterThan(0);
      }),
    );
  });

  describe('connected', () => {
    test(
      'it sends there, and hears nobody else',
      withTwo((near, far) => {
        using([new DatagramSocket('127.0.0.1:0')], (stranger) => {
          near.connect(far.address);
          near.send('to far');
          expect(String(far.recv())).toBe('to far');
          stranger.sendTo('noise', near.address);
          far.sendTo('from far', near.address);
          expect(String(near.recv())).toBe('from far');
          expect(thrown(() => near.recv({ timeout: 5 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
        });
      }),
    );

    test(
      'it hears ECONNREFUSED when nobody is there',
      withTwo((near, far) => {
        near.connect(far.address);
        far.close();
        near.send('into the void');
        expect(thrown(() => near.recv({ timeout: 10_000 }))).toMatchObject({
          code: 'ECONNREFUSED',
          syscall: 'recvmsg',
        });
      }),
    );

    test(
      'not connected, send is EDESTADDRREQ',
      withTwo((near) => {
        expect(thrown(() => near.send('x'))).toEqual(code('EDESTADDRREQ'));
      }),
    );
  });

  describe('IPv6', () => {
    testIPv6('messages go over ::1', async () => {
      await run(() =>
        using([new DatagramSocket('[::1]:0'), new DatagramSocket(undefined, { family: 6 })], (server, client) => {
          client.sendTo('six', server.address);
          const { data, address } = server.recvFrom();
          expect([String(data), address.family, address.host]).toEqual(['six', 'IPv6', '::1']);
        }),
      );
    });

    testIPv6('a socket on :: hears IPv4 too, and can answer; with ipv6Only it does not', async () => {
      await run(() =>
        using(
          [
            new DatagramSocket('[::]:0'),
            new DatagramSocket('127.0.0.1:0'),
            new DatagramSocket('[::]:0', { ipv6Only: true }),
          ],
          (both, four, only) => {
            four.sendTo('four', { host: '127.0.0.1', port: both.address.port });
            const { data, address } = both.recvFrom();
            both.sendTo(data, address);
            both.sendTo('again', four.address);
            expect([String(four.recv()), String(four.recv())]).toEqual(['four', 'again']);
            four.sendTo('x', { host: '127.0.0.1', port: only.address.port });
            expect(thrown(() => only.recv({ timeout: 5 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
          },
        ),
      );
    });
  });

  describe('the wait for a message', () => {
    test(
      'ends with its timeout, its signal, a kill, and takes nothing',
      withTwo((near, far) => {
        expect(thrown(() => far.recv({ timeout: 2 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
        const controller = new AbortController();
        const reason = new Error('enough');
        const aborted = spawn(() => thrown(() => far.recvFrom({ signal: controller.signal })));
        letOthersRun();
        controller.abort(reason);
        expect(aborted.wait()).toBe(reason);
        const killed = spawn(() => far.recv());
        letOthersRun();
        near.sendTo('kept', far.address);
        killed.kill();
        letOthersRun();
        expect(killed.state).toBe('killed');
        expect(String(far.recv())).toBe('kept');
      }),
    );

    test(
      'ends with ERR_VERDANT_CLOSED when the socket is closed',
      withTwo((_near, far) => {
        const reader = spawn(() => thrown(() => far.recv()));
        letOthersRun();
        far.close();
        expect(reader.wait()).toEqual(code('ERR_VERDANT_CLOSED'));
      }),
    );

    test(
      'is refused to a second one with an error that names both',
      withTwo((_near, far) => {
        const first = spawn({ name: 'early' }, () => far.recv());
        letOthersRun();
        const second = spawn({ name: 'late' }, () => thrown(() => far.recv()));
        expect(second.wait()).toMatchObject({
          code: 'ERR_VERDANT_CONCURRENT_USE',
          message: expect.stringMatching(/early[^]*late/),
        });
        first.kill();
        letOthersRun();
      }),
    );
  });

  test.each<[string, (socket: DatagramSocket) => unknown]>([
    ['recv', (socket) => socket.recv()],
    ['recvFrom', (socket) => socket.recvFrom()],
    ['send', (socket) => socket.send('x')],
    ['sendTo', (socket) => socket.sendTo('x', '127.0.0.1:9')],
    ['connect', (socket) => socket.connect('127.0.0.1:9')],
    ['address', (socket) => socket.address],
    ['setBroadcast', (socket) => socket.setBroadcast()],
    ['joinGroup', (socket) => socket.joinGroup('224.0.0.251')],
  ])('%s of a closed socket is ERR_VERDANT_CLOSED', async (_what, use) => {
    await withTwo((near) => {
      near.close();
      near.close();
      expect([near.closed, near.fd]).toEqual([true, -1]);
      expect(thrown(() => use(near))).toEqual(code('ERR_VERDANT_CLOSED'));
    })();
  });
});

describe('options', () => {
  test('are what another process sees', () => {
    using([new DatagramSocket('127.0.0.1:0')], ({ fd }) => {
      expect(optionOf(fd, 'SOL_SOCKET', 'SO_BROADCAST')).toBe(0);
    });
    using([new DatagramSocket('127.0.0.1:0')], (socket) => {
      expect(socket.setBroadcast().setTtl(7).setMulticastTtl(9).setMulticastLoopback(false)).toBe(socket);
      const option = (level: string, name: string): number => optionOf(socket.fd, level, name);
      expect(option('SOL_SOCKET', 'SO_BROADCAST')).not.toBe(0);
      expect(option('IPPROTO_IP', 'IP_TTL')).toBe(7);
      expect(option('IPPROTO_IP', 'IP_MULTICAST_TTL')).toBe(9);
      expect(option('IPPROTO_IP', 'IP_MULTICAST_LOOP')).toBe(0);
    });
  });

  testIPv6('of IPv6 are what another process sees', () => {
    using([new DatagramSocket('[::1]:0')], (socket) => {
      socket.setTtl(7).setMulticastTtl(9).setMulticastLoopback(false);
      const option = (name: string): number => optionOf(socket.fd, 'IPPROTO_IPV6', name);
      expect([option('IPV6_UNICAST_HOPS'), option('IPV6_MULTICAST_HOPS'), option('IPV6_MULTICAST_LOOP')]).toEqual([
        7, 9, 0,
      ]);
    });
  });

  test('a message to all is EACCES unless it is allowed', async () => {
    await run(() =>
      using([new DatagramSocket('127.0.0.1:0')], (socket) => {
        expect(thrown(() => socket.sendTo('x', '255.255.255.255:9'))).toEqual(code('EACCES'));
      }),
    );
  });

  test('an address that is in use is EADDRINUSE from bind, unless both share it', () => {
    const before = openDescriptors();
    using([new DatagramSocket('127.0.0.1:0')], ({ address }) => {
      expect(thrown(() => new DatagramSocket(address))).toMatchObject({
        code: 'EADDRINUSE',
        syscall: 'bind',
        port: address.port,
      });
    });
    for (const options of [{ reusePort: true }, { reuseAddress: true }]) {
      using([new DatagramSocket('127.0.0.1:0', options)], ({ address }) => {
        using([new DatagramSocket(address, options)], (second) => expect(second.address).toEqual(address));
      });
    }
    expect(openDescriptors()).toBe(before);
  });

  test('a group’s messages come to its members on the loopback, until they leave', async () => {
    await run(() =>
      using([new DatagramSocket(':0', { family: 4 }), new DatagramSocket('127.0.0.1:0')], (member, sender) => {
        const group = { host: '239.255.77.1', port: member.address.port };
        // The loopback interface carries multicast only for those who ask for it by name.
        member.joinGroup(group.host, 'lo');
        sender.setMulticastLoopback(true);
        sender.sendTo('to the group', group);
        expect(String(member.recv({ timeout: 10_000 }))).toBe('to the group');
        member.leaveGroup(group.host, 'lo');
        expect(thrown(() => member.leaveGroup(group.host, 'lo'))).toEqual(code('EADDRNOTAVAIL'));
      }),
    );
  });

  test.each<[string, unknown, unknown, string]>([
    ['a path', { path: '/tmp/x' }, undefined, 'ERR_INVALID_ARG_TYPE'],
    ['a number', 80, undefined, 'ERR_INVALID_ARG_TYPE'],
    ['a name', 'localhost:0', undefined, 'ERR_INVALID_IP_ADDRESS'],
    ['options that are none', ':0', null, 'ERR_INVALID_ARG_TYPE'],
    ['a family that is none', undefined, { family: 5 }, 'ERR_OUT_OF_RANGE'],
    ['no descriptor', { fd: 1_000_000 }, undefined, 'EBADF'],
  ])('the constructor refuses %s', (_what, address, options, expected) => {
    expect(thrown(() => new DatagramSocket(address as string, options as object))).toEqual(code(expected));
  });

  test.each<[string, (socket: DatagramSocket) => unknown, string]>([
    ['no hops', (socket) => socket.setTtl(0), 'ERR_OUT_OF_RANGE'],
    ['too many hops', (socket) => socket.setMulticastTtl(256), 'ERR_OUT_OF_RANGE'],
    ['hops of text', (socket) => socket.setTtl('1' as unknown as number), 'ERR_INVALID_ARG_TYPE'],
    ['a group that is none', (socket) => socket.joinGroup('localhost'), 'ERR_INVALID_IP_ADDRESS'],
    ['a group that is no text', (socket) => socket.joinGroup(5 as unknown as string), 'ERR_INVALID_ARG_TYPE'],
    ['an interface that is none', (socket) => socket.joinGroup('239.0.0.1', 'nope'), 'ERR_INVALID_ARG_TYPE'],
    [
      'an interface that is no text',
      (socket) => socket.joinGroup('239.0.0.1', 5 as unknown as string),
      'ERR_INVALID_ARG_TYPE',
    ],
  ])('refuses %s', (_what, use, expected) => {
    using([new DatagramSocket('127.0.0.1:0')], (socket) => expect(thrown(() => use(socket))).toEqual(code(expected)));
  });
});
