// The access log: a function, a logger, or a stream of lines in pino's form; and AsyncLocalStorage in handlers.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Writable } from 'node:stream';
import pino from 'pino';
import { sleep } from 'verdant';
import { availableHubs } from 'verdant/hub';
import { type LogEntry, type Request, Response } from 'verdant/http';
import { onHub } from '../../net/support/hubs';
import { answerTo, ask, request, serving, until } from './support/talk';

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);
  const hello = (incoming: Request): Response => {
    sleep(5);
    return new Response('hello', { status: incoming.path === '/made' ? 201 : 200 });
  };

  test('a function gets an entry for each request, refused ones included', () => {
    const entries: LogEntry[] = [];
    return serving(hello, { log: (entry) => void entries.push(entry) }, (server) => {
      answerTo(server, request('POST /made?x'));
      ask(server, 'nonsense\r\n\r\n');
      until(() => entries.length === 2);
      expect(entries[0]).toMatchObject({
        remoteAddress: '127.0.0.1',
        method: 'POST',
        url: '/made?x',
        httpVersion: '1.1',
        status: 201,
        complete: true,
      });
      expect(entries[0]!.duration).toBeGreaterThanOrEqual(4);
      expect(entries[0]!.bytes).toBeGreaterThan(100);
      expect(Math.abs(entries[0]!.time - Date.now())).toBeLessThan(10_000);
      expect(entries[1]).toMatchObject({ method: '', status: 400 });
    });
  });

  test('a stream gets lines in pino’s form', () => {
    const lines: string[] = [];
    return serving(hello, { log: { write: (line: string) => lines.push(line) } }, (server) => {
      answerTo(server, request('GET /path'));
      until(() => lines.length === 1);
      expect(lines[0]).toMatch(/\n$/);
      expect(JSON.parse(lines[0]!)).toMatchObject({
        level: 30,
        pid: process.pid,
        req: { method: 'GET', url: '/path', remoteAddress: '127.0.0.1' },
        res: { statusCode: 200 },
        msg: 'request completed',
      });
    });
  });

  test('pino itself can be the log', () => {
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    return serving(hello, { log: pino({}, stream) }, (server) => {
      answerTo(server, request('GET /path'));
      until(() => lines.length === 1);
      expect(JSON.parse(lines[0]!)).toMatchObject({ level: 30, req: { url: '/path' }, res: { statusCode: 200 } });
    });
  });

  test('handlers see the AsyncLocalStorage store of who has started the server', () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const handler = (): string => {
      seen.push(storage.getStore());
      storage.enterWith('changed');
      return 'x';
    };
    return storage.run('store', () =>
      serving(handler, {}, (server) => {
        storage.run('another', () => {
          answerTo(server, request('GET /'));
          answerTo(server, request('GET /'));
        });
        expect(seen).toEqual(['store', 'store']);
      }),
    );
  });
});
