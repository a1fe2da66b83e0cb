// What a handler puts into an answer, knowingly or because a client told it to, never becomes another header or another answer.
import { serve, Response as LightResponse } from 'verdant/http';
import { type HttpServer } from 'verdant/http';
import { RawClient } from './support/raw_client.cjs';

type Handler = Parameters<typeof serve>[1];
/** Node's shape, as far as it is needed. */
interface NodeResponse {
  statusCode: number;
  statusMessage: string;
  setHeader(name: string, value: unknown): void;
  writeHead(status: number, ...more: unknown[]): void;
  addTrailers(trailers: object): void;
  write(data: string): void;
  end(data?: string): void;
}
const classic = (fn: (response: NodeResponse) => void): Handler =>
  ((_request: unknown, response: NodeResponse) => fn(response)) as unknown as Handler;

const injected = 'x\r\nInjected: yes';
const secondAnswer = 'x\r\n\r\nHTTP/1.1 200 OK\r\nInjected: yes\r\n\r\n';

const attempts: [name: string, handler: Handler][] = [
  ['CRLF in a value', () => new LightResponse('body', { headers: { 'X-A': injected } })],
  ['an answer in a value', () => new LightResponse('body', { headers: { 'X-A': secondAnswer } })],
  ['a lone LF in a value', () => new LightResponse('body', { headers: { 'X-A': 'x\nInjected: yes' } })],
  ['a lone CR in a value', () => new LightResponse('body', { headers: { 'X-A': 'x\rInjected: yes' } })],
  ['a NUL in a value', () => new LightResponse('body', { headers: { 'X-A': 'x\0Injected: yes' } })],
  ['a letter whose low byte is LF', () => new LightResponse('body', { headers: { 'X-A': 'x\u010aInjected: yes' } })],
  [
    'letters whose low bytes are CRLF',
    () => new LightResponse('body', { headers: { 'X-A': 'x\u560d\u560aInjected: yes' } }),
  ],
  ['CRLF in a name', () => new LightResponse('body', { headers: { 'X-A: x\r\nInjected': 'yes' } })],
  ['a colon in a name', () => new LightResponse('body', { headers: { 'Injected: yes, X': 'y' } })],
  ['a space in a name', () => new LightResponse('body', { headers: { 'Injected X': 'y' } })],
  ['an empty name', () => new LightResponse('body', { headers: { '': 'Injected: yes' } })],
  ['CRLF in the second of several values', () => new LightResponse('body', { headers: { 'X-A': ['x', injected] } })],
  ['CRLF in a pair', () => new LightResponse('body', { headers: [['X-A', injected]] })],
  ['CRLF in Set-Cookie', () => new LightResponse('body', { headers: { 'Set-Cookie': injected } })],
  ['CRLF in Location', () => LightResponse.redirect(`/${injected}`)],
  ['CRLF in the reason', () => new LightResponse('body', { statusText: injected })],
  [
    'a value that is an object',
    () => new LightResponse('body', { headers: { 'X-A': { toString: () => injected } as never } }),
  ],
  [
    'CRLF put in later',
    () => {
      const response = new LightResponse('body');
      response.headers.set('X-A', injected);
      return response;
    },
  ],
  [
    'CRLF by setHeader',
    classic((response) => {
      response.setHeader('X-A', injected);
      response.end('body');
    }),
  ],
  [
    'CRLF in one of several by setHeader',
    classic((response) => {
      response.setHeader('X-A', ['x', injected]);
      response.end('body');
    }),
  ],
  [
    'CRLF in a name by setHeader',
    classic((response) => {
      response.setHeader('X-A: x\r\nInjected', 'yes');
      response.end('body');
    }),
  ],
  [
    'CRLF by writeHead',
    classic((response) => {
      response.writeHead(200, { 'X-A': injected });
      response.end('body');
    }),
  ],
  [
    'CRLF in writeHead’s reason',
    classic((response) => {
      response.writeHead(200, injected);
      response.end('body');
    }),
  ],
  [
    'CRLF in statusMessage',
    classic((response) => {
      response.statusMessage = injected;
      response.end('body');
    }),
  ],
];

describe('response splitting', () => {
  let server: HttpServer | undefined;

  afterEach(async () => {
    await server?.[Symbol.asyncDispose]();
    server = undefined;
  });

  async function ask(
    handler: Handler,
    requests: string[] = ['GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
  ) {
    const errors: unknown[] = [];
    server = serve('127.0.0.1:0', handler, { onError: (error) => void errors.push(error) });
    const client = await RawClient.connect({ host: '127.0.0.1', port: server.address.port });
    client.write(requests.join(''));
    return { client, errors };
  }

  test.each(attempts)('%s gives 500, and nothing is injected', async (_name, handler) => {
    const { client, errors } = await ask(handler);
    const responses = await client.allResponses();
    expect(responses.map(({ status }) => status)).toEqual([500]);
    expect(client.received.toString('latin1')).not.toMatch(/^injected/im);
    expect(errors).toHaveLength(1);
    client.destroy();
  });

  test.each([
    ['shorter', '3'],
    ['longer', '300'],
    ['no number', 'x'],
    ['negative', '-1'],
  ])(
    'a Content-Length of the handler’s own that is %s than the body does not become the framing',
    async (_name, length) => {
      const next = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
      const { client } = await ask(
        () => new LightResponse('HTTP/1.1 200 Injected\r\n\r\n', { headers: { 'Content-Length': length } }),
        [next],
      );
      const responses = await client.allResponses().catch(() => []);
      // The whole body, or an error, but never a part of it as another answer.
      for (const { status } of responses) expect([200, 500]).toContain(status);
      expect(responses.length).toBeLessThan(2);
      client.destroy();
    },
  );

  test.each([
    ['with Content-Length', { 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }],
    ['alone', { 'Transfer-Encoding': 'chunked' }],
    ['gzip', { 'Transfer-Encoding': 'gzip' }],
  ])('a Transfer-Encoding of the handler’s own, %s, does not confuse the client', async (_name, headers) => {
    const { client } = await ask(() => new LightResponse('hello', { headers }));
    const responses = await client.allResponses();
    expect(responses).toHaveLength(1);
    expect([200, 500]).toContain(responses[0]!.status);
    client.destroy();
  });

  test('an answer whose body fails in the middle is seen to be broken', async () => {
    const { client, errors } = await ask(
      () =>
        new LightResponse(
          (function* () {
            yield 'first';
            throw new Error('in the middle');
          })(),
        ),
    );
    await expect(client.allResponses()).rejects.toThrow('a response ends within its chunks');
    expect(errors).toEqual([expect.objectContaining({ message: 'in the middle' })]);
    client.destroy();
  });
});
