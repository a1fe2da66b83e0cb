// examples/reverse_proxy: what a client sends reaches the server behind it, and the answer the client, piece by piece; who
// goes away on one side is gone on the other.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { answerTo, ask, open } from './http_client';
import { type RunningExample, startExample } from './start_example';

let proxy: RunningExample;
let behind: Server;
/** What the server behind does with the next requests. */
let handle: (request: IncomingMessage, response: ServerResponse) => unknown;

describe('examples/reverse_proxy', () => {
  beforeAll(async () => {
    behind = createServer((request, response) => handle(request, response));
    behind.listen(0, '127.0.0.1');
    await once(behind, 'listening');
    const { port } = behind.address() as AddressInfo;
    proxy = await startExample('reverse_proxy/server.mjs', '--to', `127.0.0.1:${port}`);
  });

  afterAll(async () => {
    const ended = await proxy.stop();
    behind.close();
    behind.closeAllConnections();
    await once(behind, 'close');
    expect(ended).toEqual({ code: 0, stderr: '' });
  });

  const nextData = async (stream: NodeJS.ReadableStream): Promise<string> => String((await once(stream, 'data'))[0]);

  test('the server gets method, target, headers and body, and who the client is', async () => {
    handle = async (request, response) => {
      const { method, url, headers } = request;
      response.end(JSON.stringify({ method, url, headers, body: await text(request) }));
    };
    const headers = {
      'x-own': 'value',
      'x-forwarded-for': '192.0.2.1',
      connection: 'close, x-hop',
      'x-hop': 'not this',
    };
    const { body } = await ask(proxy.port, '/path?query=1', 'a body', { method: 'PUT', headers });
    const got = JSON.parse(body) as { headers: Record<string, string> };
    expect(got).toMatchObject({ method: 'PUT', url: '/path?query=1', body: 'a body' });
    expect(got.headers).toMatchObject({ 'x-own': 'value', 'x-forwarded-for': '192.0.2.1, 127.0.0.1' });
    expect(got.headers).not.toHaveProperty('x-hop');
  });

  test('the client gets status, headers and body', async () => {
    handle = (_request, response) => {
      response.writeHead(418, { 'x-own': 'value', 'set-cookie': ['a=1', 'b=2'], 'content-encoding': 'gzip' });
      response.end('not really zipped');
    };
    const answer = await ask(proxy.port, '/');
    expect(answer).toMatchObject({ status: 418, body: 'not really zipped' });
    expect(answer.headers).toMatchObject({
      'x-own': 'value',
      'set-cookie': ['a=1', 'b=2'],
      'content-encoding': 'gzip',
    });
  });

  test('redirects are the client’s business', async () => {
    handle = (_request, response) => response.writeHead(302, { location: '/elsewhere' }).end();
    expect(await ask(proxy.port, '/')).toMatchObject({ status: 302, headers: { location: '/elsewhere' } });
  });

  test('bodies flow through piece by piece, both ways at once', async () => {
    handle = (request, response) => request.pipe(response);
    const sent = open(proxy.port, '/', { method: 'POST' });
    sent.write('one');
    const answer = await answerTo(sent);
    expect(await nextData(answer)).toBe('one');
    sent.write('two');
    expect(await nextData(answer)).toBe('two');
    sent.end('three');
    expect(await text(answer)).toBe('three');
  });

  test('a body of many megabytes comes through whole', async () => {
    handle = (request, response) => request.pipe(response);
    const body = 'a piece of text '.repeat(2 ** 19);
    const answer = await ask(proxy.port, '/', body);
    expect(answer.body.length).toBe(body.length);
    expect(answer.body === body).toBe(true);
  });

  test('502 is the answer when nobody is behind', async () => {
    const lonely = await startExample('reverse_proxy/server.mjs', '--to', '127.0.0.1:1');
    expect(await ask(lonely.port, '/')).toMatchObject({
      status: 502,
      body: expect.stringContaining('does not answer'),
    });
    expect(await lonely.stop()).toEqual({ code: 0, stderr: '' });
  });

  test('half an answer is not taken for a whole one', async () => {
    handle = (_request, response) => {
      response.write('half');
      setImmediate(() => response.destroy());
    };
    await expect(ask(proxy.port, '/')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('when the client goes away the server behind is told', async () => {
    const asked = new Promise<ServerResponse>((resolve) => (handle = (_request, response) => resolve(response)));
    const sent = open(proxy.port, '/');
    sent.on('error', () => undefined);
    sent.end();
    const response = await asked;
    sent.destroy();
    await once(response, 'close');
    expect(response.writableFinished).toBe(false);
  });

  test('when the client goes away in the middle of an answer the server behind is told', async () => {
    const asked = new Promise<ServerResponse>((resolve) => (handle = (_request, response) => resolve(response)));
    const sent = open(proxy.port, '/');
    sent.end();
    const response = await asked;
    response.write('one');
    const answer = await answerTo(sent);
    expect(await nextData(answer)).toBe('one');
    answer.destroy();
    await once(response, 'close');
    expect(response.writableFinished).toBe(false);
  });

  describe('an upgraded connection', () => {
    /** Asks for one; the server behind greets, and sends back what it is sent. */
    async function upgrade(): Promise<{ socket: Socket; first: string }> {
      behind.once('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: ${request.headers.upgrade}\r\n\r\n`,
        );
        socket.write('welcome');
        socket.write(head);
        socket.pipe(socket);
      });
      const sent = open(proxy.port, '/', { headers: { connection: 'upgrade', upgrade: 'talk' } });
      sent.end();
      const [answer, socket, head] = (await once(sent, 'upgrade')) as [IncomingMessage, Socket, Buffer];
      expect(answer.headers).toMatchObject({ connection: 'upgrade', upgrade: 'talk' });
      return { socket, first: head.length > 0 ? head.toString() : await nextData(socket) };
    }

    test('passes bytes on, both ways, to the end', async () => {
      const { socket, first } = await upgrade();
      expect(first).toBe('welcome');
      socket.write('hello');
      expect(await nextData(socket)).toBe('hello');
      socket.end('bye');
      expect(await text(socket)).toBe('bye');
    });

    test('ends on the server’s side when the client has gone', async () => {
      const ended = new Promise((resolve) => {
        behind.once('upgrade', (_request, socket: Socket) => socket.on('close', resolve));
      });
      const { socket } = await upgrade();
      socket.destroy();
      await expect(ended).resolves.toBeDefined();
    });
  });
});
