// The end of a server: nothing new, what is in flight may end, what does not is cut and named.
import { run, sleep } from 'verdant';
import { Response } from 'verdant/http';
import { code } from '../../core/thrown';
import { RawClient, turns } from '../hostile/support/raw_client.cjs';
import { describeServing, Gate, get, post } from './support/serving';

describeServing(({ start, connect, settled }) => {
  test('new connections are refused from the moment of closing', async () => {
    const gate = new Gate();
    const server = start(() => (gate.pass(), 'x'));
    const client = await connect();
    client.write(get('/'));
    await gate.arrivals();
    const closing = server.closeAsync({ timeout: 5000 });
    await turns(5);
    await expect(RawClient.connect({ host: '127.0.0.1', port: server.address.port })).rejects.toEqual(
      code('ECONNREFUSED'),
    );
    gate.open();
    await client.response();
    await closing;
  });

  test('requests in flight are answered, and told that the connection ends', async () => {
    const gate = new Gate();
    const server = start((request) => {
      const text = request.text();
      gate.pass();
      return text;
    });
    const client = await connect();
    client.write(post('/', ['Content-Length: 5'], 'hello'));
    await gate.arrivals();
    const closing = server.closeAsync({ timeout: 5000 });
    await turns(5);
    gate.open();
    await expect(client.response()).resolves.toMatchObject({ body: 'hello', headers: { connection: 'close' } });
    await client.untilEnd();
    await expect(closing).resolves.toEqual({ finished: 1, cut: [] });
  });

  test('a stream that is under way gets to its end', async () => {
    const gate = new Gate();
    const server = start(() => {
      const pieces = function* (): Generator<string> {
        yield 'one';
        gate.pass();
        yield 'two';
      };
      return new Response(pieces());
    });
    const client = await connect();
    client.write(get('/'));
    await gate.arrivals();
    const closing = server.closeAsync({ timeout: 5000 });
    await turns(5);
    gate.open();
    await expect(client.response()).resolves.toMatchObject({ body: 'onetwo' });
    await expect(closing).resolves.toMatchObject({ cut: [] });
  });

  test('what does not end in time is cut, and the report says what it was', async () => {
    const gate = new Gate();
    let unwound = false;
    const server = start(() => {
      try {
        gate.pass();
      } finally {
        unwound = true;
      }
      return 'never';
    });
    const client = await connect();
    client.write(get('/stuck?x'));
    await gate.arrivals();
    const report = await server.closeAsync({ timeout: 20 });
    expect(report).toMatchObject({ finished: 0, cut: [{ method: 'GET', url: '/stuck?x', state: 'running' }] });
    expect(report.cut[0]!.stack).toContain('closing.test');
    expect(unwound).toBe(true);
    await expect(client.untilEnd()).resolves.toBe('');
    await settled();
  });

  test('a client in the middle of its request is cut after the timeout', async () => {
    const server = start((request) => request.text());
    const client = await connect();
    client.write(post('/', ['Content-Length: 10'], 'hello'));
    await turns(5);
    await expect(server.closeAsync({ timeout: 20 })).resolves.toMatchObject({ cut: [{ state: 'running' }] });
    await client.untilEnd();
  });

  test('close blocks a green thread until the last answer is sent', async () => {
    const server = start(() => {
      sleep(30);
      return 'late';
    });
    const client = await connect();
    client.write(get('/'));
    await turns(10);
    await run(() => server.close({ timeout: 5000 }));
    expect(server.stats()).toMatchObject({ connections: 0, running: 0 });
    await expect(client.response()).resolves.toMatchObject({ body: 'late' });
  });
});
