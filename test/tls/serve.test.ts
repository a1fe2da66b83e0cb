// serve() over tls.listen(): the handshake is the connection's own affair; those that fail are counted, told and survived.
import { run, spawn } from 'verdant';
import { availableHubs, getHub } from 'verdant/hub';
import { connect as connectPlain, serve, type Socket } from 'verdant/net';
import { connect, listen, type TlsListener, type TlsSocket } from 'verdant/tls';
import { code, thrown } from '../core/thrown';
import { onHub } from '../net/support/hubs';
import { letOthersRun } from '../net/support/sockets';
import { ca, server } from '../support/certificates';

function echo(socket: Socket): void {
  for (const line of socket.lines()) socket.sendAll(`${line}\n`);
}

/** Runs `clients` against an echo server, and gives what `onError` was told. */
function withServer(options: { handshakeTimeout?: number }, clients: (listener: TlsListener) => void): unknown[] {
  const told: unknown[] = [];
  using listener = listen('127.0.0.1:0', { ...server, ...options });
  const serving = spawn(() => serve(listener, echo, { onError: (error) => told.push(error) }));
  clients(listener);
  listener.close();
  serving.wait();
  return told;
}

function expectEcho(listener: TlsListener): void {
  using socket = connect(listener.address, { ca, host: 'localhost', timeout: 10_000 });
  socket.sendAll('hello\n');
  expect(socket.recvLine({ timeout: 10_000 })).toBe('hello');
}

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  test('serves clients that shake hands while others are silent', async () => {
    await run(() => {
      withServer({}, (listener) => {
        const silent = Array.from({ length: 20 }, () => connectPlain(listener.address));
        const clients = Array.from({ length: 20 }, () => spawn(() => expectEcho(listener)));
        for (const each of clients) each.wait();
        expect(listener.stats()).toMatchObject({ handshaking: 20, secure: 20, failed: 0 });
        for (const each of silent) each.close();
      });
    });
  });

  test('goes on after handshakes that fail, tells onError of each, and counts them', async () => {
    await run(() => {
      const told = withServer({ handshakeTimeout: 200 }, (listener) => {
        using silent = connectPlain(listener.address);
        using wrong = connectPlain(listener.address);
        wrong.sendAll('GET / HTTP/1.1\r\n\r\n');
        using broken = connectPlain(listener.address);
        broken.close({ reset: true });
        using leaving = connectPlain(listener.address);
        leaving.shutdown();
        expect(thrown(() => connect(listener.address, { host: 'localhost' }))).toEqual(
          code('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
        );
        silent.recv();
        expectEcho(listener);
        expect(listener.stats()).toMatchObject({ accepted: 6, handshaking: 0, secure: 1, failed: 5 });
      });
      expect(told).toHaveLength(5);
      for (const error of told) {
        expect(error).toMatchObject({ code: 'ERR_VERDANT_TLS_HANDSHAKE', name: 'HandshakeError' });
      }
      const causes = told.map((error) => (error as { cause: { code: string } }).cause.code);
      expect(causes).toEqual(
        expect.arrayContaining(['ERR_SSL_HTTP_REQUEST', 'ECONNRESET', 'ERR_TLS_HANDSHAKE_TIMEOUT']),
      );
    });
  });

  test('a failed handshake does not end a server without onError either, and nothing is printed', async () => {
    const print = jest.spyOn(process.stderr, 'write');
    await run(() => {
      using listener = listen('127.0.0.1:0', server);
      const serving = spawn(() => serve(listener, echo));
      using wrong = connectPlain(listener.address);
      wrong.sendAll('nonsense\n');
      wrong.recv();
      expectEcho(listener);
      listener.close();
      serving.wait();
    });
    expect(print).not.toHaveBeenCalled();
    print.mockRestore();
  });

  test('what a handler throws is told as it is', async () => {
    await run(() => {
      const failure = new Error('of the handler');
      const told: unknown[] = [];
      using listener = listen('127.0.0.1:0', server);
      const handler = (socket: TlsSocket): void => {
        expect(socket.secure).toBe(true);
        throw failure;
      };
      const serving = spawn(() => serve(listener, handler, { onError: (error) => told.push(error) }));
      using socket = connect(listener.address, { ca, host: 'localhost' });
      socket.recv();
      listener.close();
      serving.wait();
      expect(told).toEqual([failure]);
    });
  });

  test('a server that is killed gives up handshakes that are under way', async () => {
    await run(() => {
      const before = getHub().stats().timers;
      using listener = listen('127.0.0.1:0', server);
      const serving = spawn(() => serve(listener, echo));
      using silent = connectPlain(listener.address);
      while (listener.stats().handshaking === 0) letOthersRun();
      serving.kill();
      serving.join();
      expect(silent.recv().byteLength).toBe(0);
      expect(listener.stats()).toMatchObject({ handshaking: 0, failed: 1 });
      expect(getHub().stats().timers).toBe(before);
    });
  });
});
