// Clients that go away: the handler is told, or ended if that is wanted; nobody else notices, and no error is reported.
import { getCurrent, sleep } from 'verdant';
import { Response } from 'verdant/http';
import { turns } from '../hostile/support/raw_client.cjs';
import { describeServing, Gate, get } from './support/serving';

describeServing(({ start, startNodeStyle, connect, ask, settled }) => {
  test('killOnDisconnect kills the handler wherever it is', async () => {
    const ended: string[] = [];
    const gate = new Gate();
    gate.open();
    start(
      () => {
        try {
          gate.pass();
          sleep(60_000);
        } finally {
          ended.push('finally');
        }
      },
      { killOnDisconnect: true },
    );
    const client = await connect();
    client.write(get('/'));
    await gate.arrivals();
    client.reset();
    await settled();
    expect(ended).toEqual(['finally']);
  });

  test('write in Node’s shape fails once the client has gone', async () => {
    const outcomes: unknown[] = [];
    startNodeStyle((_request, response) => {
      try {
        for (;;) response.write(Buffer.alloc(10_000));
      } catch (error) {
        outcomes.push(error);
        throw error;
      }
    });
    const client = await connect();
    client.write(get('/'));
    await client.bytes(100_000);
    client.destroy();
    await settled();
    expect(outcomes).toEqual([expect.objectContaining({ code: 'ERR_VERDANT_HTTP_ABORTED' })]);
  });

  test('a client that is slow to read holds up its own handler only', async () => {
    let sent = 0;
    start((request) => {
      if (request.path === '/quick') return 'quick';
      const pieces = function* (): Generator<Buffer> {
        for (let count = 0; count < 400; count += 1) {
          sent += 1;
          yield Buffer.alloc(65_536, 'x');
        }
      };
      return new Response(pieces());
    });
    const slow = await connect();
    slow.pause();
    slow.write(get('/slow'));
    for (let last = -1; sent > last || sent === 0;) {
      last = sent;
      await turns(20);
    }
    expect(sent).toBeLessThan(400);
    await expect(ask(get('/quick'))).resolves.toMatchObject({ body: 'quick' });
    slow.resume();
    expect((await slow.response()).bytes).toHaveLength(400 * 65_536);
  });

  test('each request has a green thread of its own, and the others go on while one is blocked', async () => {
    const threads = new Set<unknown>();
    const gate = new Gate();
    start((request) => {
      threads.add(getCurrent()!.id);
      if (request.path === '/blocked') gate.pass();
      return request.path;
    });
    const blocked = await connect();
    blocked.write(get('/blocked'));
    await gate.arrivals();
    for (let count = 0; count < 10; count += 1) {
      await expect(ask(get('/free'))).resolves.toMatchObject({ body: '/free' });
    }
    gate.open();
    await expect(blocked.response()).resolves.toMatchObject({ body: '/blocked' });
    expect(threads.size).toBe(11);
  });
});
