// The end of a server: what goes on, what is cut, what is reported.
import { run, sleep, spawn } from 'verdant';
import { availableHubs, getHub } from 'verdant/hub';
import { type HttpServer, type Request, Response, serve } from 'verdant/http';
import { connect } from 'verdant/net';
import { onHub } from '../../net/support/hubs';
import { answerFrom, codeOf, connected, request, rest, until } from './support/talk';

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  let released = false;

  const slow = (incoming: Request): Response => {
    if (incoming.path === '/held') until(() => released);
    sleep(Number(incoming.search.slice(1)));
    return new Response('done');
  };

  function started(body: (server: HttpServer) => void): Promise<void> {
    return run(() => {
      const server = serve('127.0.0.1:0', slow);
      try {
        body(server);
      } finally {
        server.close({ timeout: 0 });
      }
      sleep(0);
      expect(getHub().stats()).toMatchObject({ greenThreads: 1, listeners: 0, timers: 0 });
    });
  }

  test('close() lets what is in flight end, closes what is idle, and accepts no more', () =>
    started((server) => {
      const { address } = server;
      connected(server, (idle) => {
        idle.sendAll(request('GET /?0'));
        answerFrom(idle);
        connected(server, (busy) => {
          busy.sendAll(request('GET /?30'));
          until(() => server.stats().running === 1);
          const report = server.close();
          expect(report).toEqual({ finished: 1, cut: [] });
          expect(answerFrom(busy)).toMatchObject({ body: 'done', headers: { connection: 'close' } });
          expect(rest(idle)).toBe('');
          expect(codeOf(() => connect(address))).toBe('ECONNREFUSED');
          expect(server.closing).toBe(true);
        });
      });
    }));

  test('close({ timeout }) cuts what takes longer, and says what it was', () =>
    started((server) => {
      connected(server, (socket) => {
        socket.sendAll(request('GET /path?20000'));
        until(() => server.stats().running === 1);
        const { finished, cut } = server.close({ timeout: 10 });
        expect(finished).toBe(0);
        expect(cut).toEqual([
          expect.objectContaining({ method: 'GET', url: '/path?20000', state: 'running' }) as unknown,
        ]);
        expect(cut[0]!.stack).toContain('slow');
        expect(cut[0]!.remoteAddress).toMatchObject({ host: '127.0.0.1' });
        expect(['ECONNRESET', undefined]).toContain(codeOf(() => rest(socket)));
      });
      expect(server.stats()).toMatchObject({ connections: 0, running: 0 });
    }));

  test('requests that wait for a place are cut too', () =>
    run(() => {
      const server = serve('127.0.0.1:0', slow, { concurrency: 1 });
      connected(server, (first) => {
        first.sendAll(request('GET /first?20000'));
        connected(server, (second) => {
          until(() => server.stats().running === 1);
          second.sendAll(request('GET /second?0'));
          until(() => server.stats().queued === 1);
          const { cut } = server.close({ timeout: 0 });
          expect(cut.map(({ url, state }) => [url, state])).toEqual([
            ['/first?20000', 'running'],
            ['/second?0', 'queued'],
          ]);
        });
      });
      sleep(0);
      expect(getHub().stats()).toMatchObject({ greenThreads: 1, listeners: 0, timers: 0 });
    }));

  test('closeAsync(), await using and several closes at a time', async () => {
    const server = serve('127.0.0.1:0', slow);
    const reports = await Promise.all([server.closeAsync(), server.closeAsync({ timeout: 5 })]);
    expect(reports).toEqual([
      { finished: 0, cut: [] },
      { finished: 0, cut: [] },
    ]);
    await server[Symbol.asyncDispose]();
    expect(server.stats().connections).toBe(0);
  });

  test('drain() waits and cuts nothing', () =>
    started((server) => {
      connected(server, (socket) => {
        released = false;
        socket.sendAll(request('GET /held'));
        until(() => server.stats().running === 1);
        expect(codeOf(() => server.drain({ timeout: 5 }))).toBe('ERR_VERDANT_TIMEOUT');
        expect(server.stats().running).toBe(1);
        const draining = spawn(() => server.drain());
        released = true;
        expect(answerFrom(socket).body).toBe('done');
        draining.wait();
      });
    }));
});
