// response.addTrailers: what stands behind a chunked body, and what cannot.
import { availableHubs } from 'verdant/hub';
import { type IncomingMessage, type ServerResponse } from 'verdant/http';
import { request as nodeRequest } from 'node:http';
import { wait } from 'verdant';
import { onHub } from '../../net/support/hubs';
import { ask, codeOf, request, serving } from './support/talk';

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

const closing = ['Connection: close'];

function bodyOf(text: string): string {
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  function answered(handler: Handler, line = 'GET /', headers = closing): Promise<string> {
    let text = '';
    return serving(handler, {}, (server) => void (text = ask(server, request(line, headers)))).then(() => text);
  }

  test('they stand behind a body that was sent piece by piece', async () => {
    const text = await answered((_incoming, response) => {
      response.write('one');
      response.addTrailers({ 'X-Sum': 'abc', 'X-Many': ['1', '2'], 'X-Number': 3 });
      response.end('two');
    });
    expect(bodyOf(text)).toBe(
      '3\r\none\r\n3\r\ntwo\r\n0\r\nX-Sum: abc\r\nX-Many: 1\r\nX-Many: 2\r\nX-Number: 3\r\n\r\n',
    );
  });

  test('announced by a header, they stand behind a body that was sent at once', async () => {
    const text = await answered((_incoming, response) => {
      response.setHeader('Trailer', 'X-Sum');
      response.addTrailers([['X-Sum', 'abc']]);
      response.end('all');
    });
    expect(text).toContain('Trailer: X-Sum\r\n');
    expect(bodyOf(text)).toBe('3\r\nall\r\n0\r\nX-Sum: abc\r\n\r\n');
  });

  test('announced, they stand behind no body at all', async () => {
    const text = await answered((_incoming, response) => {
      response.setHeader('Trailer', 'X-Sum');
      response.addTrailers({ 'X-Sum': 'none' });
      response.end();
    });
    expect(bodyOf(text)).toBe('0\r\nX-Sum: none\r\n\r\n');
  });

  test('the last call counts', async () => {
    const text = await answered((_incoming, response) => {
      response.write('x');
      response.addTrailers({ 'X-A': '1' });
      response.addTrailers({ 'X-B': '2' });
      response.end();
    });
    expect(bodyOf(text)).toBe('1\r\nx\r\n0\r\nX-B: 2\r\n\r\n');
  });

  test.each([
    ['a body with a length', 'GET /', (response: ServerResponse) => response.end('x'), 'x'],
    [
      'a stream with a length',
      'GET /',
      (response: ServerResponse) => {
        response.setHeader('Content-Length', 1);
        response.write('x');
        response.end();
      },
      'x',
    ],
    [
      'HEAD',
      'HEAD /',
      (response: ServerResponse) => {
        response.setHeader('Trailer', 'X-A');
        response.end('x');
      },
      '',
    ],
  ])('%s: they are dropped', async (_name, line, send, body) => {
    const text = await answered((_incoming, response) => {
      response.addTrailers({ 'X-A': '1' });
      send(response);
    }, line);
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(bodyOf(text)).toBe(body);
  });

  test('HTTP/1.0: they are dropped, and the body ends with the connection', () =>
    serving(
      (_incoming, response) => {
        response.setHeader('Trailer', 'X-A');
        response.addTrailers({ 'X-A': '1' });
        response.end('x');
      },
      {},
      (server) => {
        const text = ask(server, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n');
        expect(text).toContain('Connection: close');
        expect(bodyOf(text)).toBe('x');
      },
    ));

  test('a name or a value that could be something else is refused', async () => {
    const codes: unknown[] = [];
    await answered((_incoming, response) => {
      for (const trailers of [{ 'a b': '1' }, { '': '1' }, { a: '1\r\nb: 2' }, { a: ['1', 'é€'] }, { a: undefined }]) {
        codes.push(codeOf(() => response.addTrailers(trailers)));
      }
      codes.push(codeOf(() => response.addTrailers({ 'Content-Length': '1' })));
      codes.push(codeOf(() => response.addTrailers({ 'transfer-encoding': 'chunked' })));
      codes.push(codeOf(() => response.addTrailers(null as never)));
      response.end();
    });
    expect(codes).toEqual([
      'ERR_INVALID_HTTP_TOKEN',
      'ERR_INVALID_HTTP_TOKEN',
      'ERR_INVALID_CHAR',
      'ERR_INVALID_CHAR',
      'ERR_HTTP_INVALID_HEADER_VALUE',
      'ERR_VERDANT_HTTP_FRAMING',
      'ERR_VERDANT_HTTP_FRAMING',
      'ERR_INVALID_ARG_TYPE',
    ]);
  });

  test('announced beside a length they are refused', async () => {
    const codes: unknown[] = [];
    const text = await answered((_incoming, response) => {
      response.setHeader('Trailer', 'X-A');
      response.setHeader('Content-Length', 1);
      codes.push(codeOf(() => response.end('x')));
      response.removeHeader('Trailer');
      response.end('x');
    });
    expect(codes).toEqual(['ERR_HTTP_TRAILER_INVALID']);
    expect(bodyOf(text)).toBe('x');
  });
});

test('node:http’s client understands them', async () => {
  let trailers: unknown = null;
  await serving(
    (_incoming, response) => {
      response.write('x');
      response.addTrailers({ 'X-A': '1' });
      response.end();
    },
    {},
    (server) => {
      const { host, port } = server.address;
      trailers = wait(
        new Promise((resolve, reject) => {
          const asked = nodeRequest({ host, port, agent: false }, (response) => {
            response.resume().on('end', () => resolve(response.trailers));
          });
          asked.on('error', reject).end();
        }),
      );
    },
  );
  expect(trailers).toEqual({ 'x-a': '1' });
});
