// How long a connection lives: HTTP/1.0 and 1.1, what either side says of it, requests one behind the other.
import { Response } from 'verdant/http';
import { describeServing, Gate, get, post } from './support/serving';

describeServing(({ start, connect, ask }) => {
  test('HTTP/1.1 keeps the connection, and says nothing of it', async () => {
    start((request) => request.path);
    const client = await connect();
    for (const path of ['/1', '/2', '/3']) {
      client.write(get(path));
      const response = await client.response();
      expect(response).toMatchObject({ status: 200, body: path, framing: 'length' });
      expect(response.headers.connection).toBeUndefined();
    }
    expect(client.ended).toBe(false);
  });

  test('a handler’s own Connection: close is sent, and kept', async () => {
    start(() => new Response('bye', { headers: { Connection: 'close' } }));
    const client = await connect();
    client.write(get('/') + get('/again'));
    const all = await client.allResponses();
    expect(all).toHaveLength(1);
    expect(all[0]!.rawHeaders.filter(([name]) => name.toLowerCase() === 'connection')).toEqual([
      ['Connection', 'close'],
    ]);
  });

  test('answers come in the order of the requests, and one handler runs at a time', async () => {
    const gate = new Gate();
    const begun: string[] = [];
    start((request) => {
      begun.push(request.path);
      if (request.path === '/slow') gate.pass();
      return request.path;
    });
    const client = await connect();
    client.write(get('/slow') + get('/quick') + post('/last', ['Content-Length: 2'], 'ok'));
    await gate.arrivals();
    expect(begun).toEqual(['/slow']);
    gate.open();
    for (const path of ['/slow', '/quick', '/last']) {
      await expect(client.response()).resolves.toMatchObject({ body: path });
    }
  });

  test('a thousand pipelined requests are all answered', async () => {
    start((request) => request.path);
    const client = await connect();
    const paths = Array.from({ length: 1000 }, (_none, number) => `/${number}`);
    client.write(paths.map((path) => get(path)).join(''));
    for (const path of paths) expect((await client.response()).body).toBe(path);
  });

  test('HEAD of a stream does not run the stream', async () => {
    const ran: string[] = [];
    start((request) => {
      const pieces = function* (): Generator<string> {
        ran.push(request.method);
        yield 'piece';
      };
      return new Response(pieces());
    });
    const client = await connect();
    client.write(get('/').replace('GET', 'HEAD') + get('/'));
    await expect(client.response({ method: 'HEAD' })).resolves.toMatchObject({ status: 200, body: '' });
    await expect(client.response()).resolves.toMatchObject({ body: 'piece' });
    expect(ran).toEqual(['GET']);
  });

  test('every answer has a date, and only one', async () => {
    start(() => 'x');
    const { rawHeaders, headers } = await ask(get('/'));
    expect(rawHeaders.filter(([name]) => name === 'Date')).toHaveLength(1);
    expect(Math.abs(Date.parse(headers.date!) - Date.now())).toBeLessThan(60_000);
  });
});
