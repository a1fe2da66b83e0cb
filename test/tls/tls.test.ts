// verdant/tls: the handshake in its own green thread, data, names, certificates, sessions, and the end of a connection.
import { once } from 'node:events';
import tls from 'node:tls';
import { run, sleep, spawn } from 'verdant';
import { availableHubs } from 'verdant/hub';
import { connect as connectPlain, type Socket, socketPair } from 'verdant/net';
import { connect, type ConnectOptions, listen, type ListenOptions, type TlsSocket, wrapTls } from 'verdant/tls';
import { code, thrown } from '../core/thrown';
import { onHub } from '../net/support/hubs';
import { letOthersRun, recvAll, using as closing } from '../net/support/sockets';
import { ca, client, other, server, stranger } from '../support/certificates';

const address = '127.0.0.1:0';

/** Connects to a listener of its own, and gives both ends, secure. */
function tlsPair(clientOptions: ConnectOptions = {}, serverOptions: ListenOptions = {}): [TlsSocket, TlsSocket] {
  using listener = listen(address, { ...server, ...serverOptions });
  const accepting = spawn(() => {
    const socket = listener.accept();
    socket.handshake();
    return socket;
  });
  const socket = connect(listener.address, { ca, host: 'localhost', ...clientOptions });
  return [socket, accepting.wait()];
}

/** What a client gets that connects to a server which shakes hands with whoever comes; and what that server gets. */
function failing(clientOptions: ConnectOptions, serverOptions: ListenOptions = {}): { here: unknown; there: unknown } {
  using listener = listen(address, { ...server, ...serverOptions });
  const serving = spawn(() => {
    using socket = listener.accept();
    return thrown(() => {
      socket.handshake();
      socket.recv();
      throw new Error('no error');
    });
  });
  const here = thrown(() => {
    using socket = connect(listener.address, { ca, host: 'localhost', timeout: 10_000, ...clientOptions });
    // A client that the server refuses learns of it after its own handshake with TLS 1.3.
    socket.recv();
    throw new Error('no error');
  });
  return { here, there: serving.wait() };
}

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  test('carries data both ways', async () => {
    await run(() => {
      closing(tlsPair(), (a, b) => {
        a.sendAll(['one\n', 'two\n']);
        expect([b.recvLine(), b.recvLine()]).toEqual(['one', 'two']);
        b.sendAll('three');
        expect(String(a.recvExactly(5))).toBe('three');
        expect(a.getProtocol()).toBe('TLSv1.3');
        expect(a.secure && b.secure).toBe(true);
      });
    });
  });

  test('carries large data both ways at once', async () => {
    const data = Buffer.alloc(5_000_000, '0123456789');
    await run(() => {
      closing(tlsPair(), (a, b) => {
        const senders = [a, b].map((socket) =>
          spawn(() => {
            socket.sendAll(data);
            socket.shutdown();
          }),
        );
        const receivers = [a, b].map((socket) => spawn(() => recvAll(socket).equals(data)));
        expect(receivers.map((receiver) => receiver.wait())).toEqual([true, true]);
        senders.forEach((sender) => sender.wait());
      });
    });
  });

  test('accept does not wait for the handshake, so a silent client holds up nobody', async () => {
    await run(() => {
      using listener = listen(address, server);
      using silent = connectPlain(listener.address);
      using first = listener.accept();
      expect(first.secure).toBe(false);
      expect(first.remoteAddress).toEqual(silent.localAddress);
      const handshaking = spawn(() => thrown(() => first.handshake()));
      const connecting = spawn(() => connect(listener.address, { ca, host: 'localhost' }));
      using second = listener.accept();
      second.handshake({ timeout: 10_000 });
      expect(second.secure).toBe(true);
      connecting.wait().close();
      expect(handshaking.dead).toBe(false);
      first.close();
      expect(handshaking.wait()).toEqual(code('ERR_VERDANT_CLOSED'));
    });
  });

  test('the first read or write performs the handshake, within its own time', async () => {
    await run(() => {
      using listener = listen(address, server);
      using plain = connectPlain(listener.address);
      using accepted = listener.accept();
      expect(thrown(() => accepted.recv(10, { timeout: 20 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
      const echo = spawn(() => accepted.sendAll(accepted.recvExactly(4)));
      using socket = wrapTls(plain, { ca, servername: 'localhost' });
      socket.sendAll('ping');
      expect(String(socket.recvExactly(4))).toBe('ping');
      echo.wait();
    });
  });

  test('a handshake that takes too long fails, and is counted', async () => {
    await run(() => {
      using listener = listen(address, { ...server, handshakeTimeout: 30 });
      using silent = connectPlain(listener.address);
      using accepted = listener.accept();
      expect(thrown(() => accepted.handshake())).toEqual(code('ERR_TLS_HANDSHAKE_TIMEOUT'));
      expect(thrown(() => accepted.recv())).toEqual(code('ERR_TLS_HANDSHAKE_TIMEOUT'));
      expect(listener.stats()).toEqual({ accepted: 1, handshaking: 0, secure: 0, failed: 1 });
      expect(silent.recv().byteLength).toBe(0);
    });
  });

  test('a client has the same limit', async () => {
    await run(() => {
      const [here, there] = socketPair();
      using socket = wrapTls(here, { ca, servername: 'localhost', handshakeTimeout: 30 });
      expect(thrown(() => socket.sendAll('x'))).toEqual(code('ERR_TLS_HANDSHAKE_TIMEOUT'));
      there.close();
    });
  });

  test.each([
    ['speaks something else', (peer: Socket) => peer.sendAll('GET / HTTP/1.1\r\n\r\n'), 'ERR_SSL_HTTP_REQUEST'],
    ['closes', (peer: Socket) => peer.close(), 'ECONNRESET'],
    ['resets', (peer: Socket) => peer.close({ reset: true }), 'ECONNRESET'],
  ])("a client that %s gives the handshake Node's own error", async (_what, act, expected) => {
    await run(() => {
      using listener = listen(address, server);
      using peer = connectPlain(listener.address);
      using accepted = listener.accept();
      const outcome = spawn(() => thrown(() => accepted.handshake()));
      letOthersRun();
      act(peer);
      expect(outcome.wait()).toEqual(code(expected));
      expect(listener.stats().failed).toBe(1);
    });
  });

  test('wraps sockets that have no address, and those over Node streams', async () => {
    await run(() => {
      const [left, right] = socketPair();
      const a = wrapTls(left, { ca, servername: 'localhost' });
      const b = wrapTls(right, { ...server, isServer: true });
      expect(left.closed && right.closed).toBe(true);
      closing([a, b], (_a, _b) => {
        const echo = spawn(() => b.sendAll(b.recvExactly(5)));
        a.sendAll('hello');
        expect(String(a.recvExactly(5))).toBe('hello');
        echo.wait();
      });
    });
  });

  test('what was received before the wrapping begins the handshake', async () => {
    await run(() => {
      const [left, right] = socketPair();
      left.sendAll('STARTTLS\n');
      using a = wrapTls(left, { ca, servername: 'localhost' });
      const sending = spawn(() => a.sendAll('secret'));
      letOthersRun();
      expect(right.recvLine()).toBe('STARTTLS');
      using b = wrapTls(right, { ...server, isServer: true });
      expect(String(b.recvExactly(6))).toBe('secret');
      sending.wait();
    });
  });

  test('TLS inside of TLS', async () => {
    await run(() => {
      const [outerA, outerB] = tlsPair();
      const a = wrapTls(outerA, { ca, servername: 'localhost' });
      const b = wrapTls(outerB, { ...server, isServer: true });
      closing([a, b], (_a, _b) => {
        const echo = spawn(() => b.sendAll(b.recvExactly(5)));
        a.sendAll('hello');
        expect(String(a.recvExactly(5))).toBe('hello');
        echo.wait();
      });
    });
  });

  test('shutdown tells the other end, and keeps the other direction', async () => {
    await run(() => {
      closing(tlsPair(), (a, b) => {
        a.sendAll('question');
        a.shutdown();
        expect(String(recvAll(b))).toBe('question');
        b.sendAll('answer');
        b.close();
        expect(String(recvAll(a))).toBe('answer');
      });
    });
  });

  test('a shutdown before anything was sent performs the handshake, and ends that direction then', async () => {
    await run(() => {
      const [left, right] = socketPair();
      using a = wrapTls(left, { ca, servername: 'localhost' });
      using b = wrapTls(right, { ...server, isServer: true });
      a.shutdown();
      expect(recvAll(b).byteLength).toBe(0);
      b.sendAll('answer');
      b.close();
      expect(String(recvAll(a))).toBe('answer');
    });
  });

  test('close wakes who reads, and the other end reads to the end', async () => {
    await run(() => {
      closing(tlsPair(), (a, b) => {
        const reading = spawn(() => thrown(() => a.recv()));
        letOthersRun();
        a.sendAll('bye');
        a.close();
        expect(reading.wait()).toEqual(code('ERR_VERDANT_CLOSED'));
        expect(String(recvAll(b))).toBe('bye');
      });
    });
  });

  test('a reset reaches the other end as ECONNRESET', async () => {
    await run(() => {
      closing(tlsPair(), (a, b) => {
        b.sendAll('x');
        a.recv();
        a.close({ reset: true });
        expect(thrown(() => b.recv())).toEqual(code('ECONNRESET'));
      });
    });
  });

  test('decrypted data that waits already does not block', async () => {
    await run(() => {
      closing(tlsPair(), (a, b) => {
        a.sendAll('0123456789');
        expect(b.recv(1).byteLength).toBe(1);
        expect(String(b.recvExactly(9, { timeout: 5000 }))).toBe('123456789');
      });
    });
  });
});

test('talks to a server and a client of node:tls', async () => {
  const nodeServer = tls.createServer(server, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(nodeServer, 'listening');
  await run(() => {
    using socket = connect(nodeServer.address() as never, { ca, host: 'localhost' });
    socket.sendAll('line\n');
    expect(socket.recvLine()).toBe('line');
  });
  nodeServer.close();
  const listener = listen(address, server);
  const serving = spawn(() => {
    using accepted = listener.accept();
    accepted.sendAll(accepted.recvLine()!);
  });
  const nodeClient = tls.connect({ ...listener.address, host: '127.0.0.1', servername: 'localhost', ca });
  nodeClient.end('to and fro\n');
  let received = '';
  for await (const piece of nodeClient) received += String(piece);
  expect(received).toBe('to and fro');
  await serving;
  listener.close();
});

describe('certificates', () => {
  test.each<[string, ConnectOptions, string]>([
    ['for another host', { host: 'wrong.test' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['by nobody known', { ca: undefined }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ])('one %s is refused', async (_what, options, expected) => {
    const { here } = await run(() => failing(options));
    expect(here).toEqual(code(expected));
  });

  test('one signed by itself is refused, unless that was asked for', async () => {
    const { here } = await run(() => failing({}, stranger));
    expect(here).toEqual(code('DEPTH_ZERO_SELF_SIGNED_CERT'));
    await run(() => {
      closing(tlsPair({ rejectUnauthorized: false }, stranger), (a, _b) => {
        expect(a.authorized).toBe(false);
        expect(a.authorizationError).toEqual(expect.anything());
      });
    });
  });

  test('the address itself may be what the certificate is for', async () => {
    await run(() => {
      closing(tlsPair({ host: undefined }), (a, _b) => {
        expect(a.authorized).toBe(true);
        expect(a.getPeerCertificate()!.subject.CN).toBe('localhost');
      });
    });
  });

  test("a client's certificate is asked for, and known to the server", async () => {
    await run(() => {
      closing(tlsPair(client, { ca, requestCert: true }), (a, b) => {
        expect(b.authorized).toBe(true);
        expect(b.getPeerCertificate()!.subject.CN).toBe('client');
        expect(a.getCertificate()).toMatchObject({ subject: { CN: 'client' } });
      });
    });
  });

  test('a client without a certificate is refused if one is required', async () => {
    const { there } = await run(() => failing({}, { ca, requestCert: true }));
    expect(there).toEqual(code('ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'));
  });

  test("a client's certificate that nobody known has signed is refused", async () => {
    const { there } = await run(() => failing(stranger, { ca, requestCert: true }));
    expect(there).toMatchObject({ code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_VERIFY/) });
  });

  test('a client with the wrong certificate may be let in, and is known to be unauthorized', async () => {
    await run(() => {
      closing(tlsPair(stranger, { ca, requestCert: true, rejectUnauthorized: false }), (_a, b) => {
        expect(b.authorized).toBe(false);
      });
    });
  });
});

test('the server chooses its certificate by the name that the client asks for', async () => {
  await run(() => {
    using listener = listen(address, server);
    listener.addContext('*.other.test', other);
    for (const [host, subject] of [
      ['localhost', 'localhost'],
      ['a.other.test', 'other.test'],
    ] as const) {
      const accepting = spawn(() => {
        const accepted = listener.accept();
        accepted.handshake();
        return accepted;
      });
      closing([connect(listener.address, { ca, host }), accepting.wait()], (socket, accepted) => {
        expect(socket.getPeerCertificate()!.subject.CN).toBe(subject);
        expect(accepted.servername).toBe(host);
      });
    }
  });
});

test('ALPN agrees on a protocol, or on none', async () => {
  await run(() => {
    closing(tlsPair({ ALPNProtocols: ['h2', 'http/1.1'] }, { ALPNProtocols: ['http/1.1'] }), (a, b) => {
      expect([a.alpnProtocol, b.alpnProtocol]).toEqual(['http/1.1', 'http/1.1']);
    });
    closing(tlsPair(), (a, b) => {
      expect([a.alpnProtocol, b.alpnProtocol]).toEqual([false, false]);
    });
  });
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: a session is taken up again', async (version) => {
  const versions = { minVersion: version, maxVersion: version };
  await run(() => {
    using listener = listen(address, { ...server, ...versions });
    const serving = spawn(() => {
      const reused: boolean[] = [];
      for (let turn = 0; turn < 2; turn += 1) {
        using accepted = listener.accept();
        accepted.sendAll('x');
        reused.push(accepted.isSessionReused());
        accepted.recv();
      }
      return reused;
    });
    const sessions: Buffer[] = [];
    const options = { ca, host: 'localhost', onSession: (session: Buffer) => sessions.push(session) };
    const first = connect(listener.address, options);
    first.recvExactly(1);
    while (sessions.length === 0) sleep(1);
    expect(sessions.length).toBeGreaterThan(0);
    expect(first.getSession()).toBeInstanceOf(Buffer);
    first.close();
    using second = connect(listener.address, { ...options, session: sessions.at(-1) });
    second.recvExactly(1);
    expect(second.isSessionReused()).toBe(true);
    second.close();
    expect(serving.wait()).toEqual([false, true]);
  });
});

test('wrong options are refused where they are given', async () => {
  expect(thrown(() => listen(address, { key: 'nonsense', cert: 'nonsense' }))).toMatchObject({
    message: expect.any(String),
  });
  expect(thrown(() => listen(address, { handshakeTimeout: -1 }))).toEqual(code('ERR_OUT_OF_RANGE'));
  expect(thrown(() => wrapTls({} as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  const [left, right] = socketPair();
  left.close();
  right.close();
  expect(thrown(() => wrapTls(left))).toEqual(code('ERR_VERDANT_CLOSED'));
});
