// A client that ends its side of the connection behind its request, and waits for the answer; and one that is gone.
import { type GreenThread, sleep, spawn } from 'verdant';
import { availableHubs } from 'verdant/hub';
import { type HttpServer, type IncomingMessage, type Request, Response, type ServerResponse } from 'verdant/http';
import { type Socket } from 'verdant/net';
import { onHub } from '../../net/support/hubs';
import { answerFrom, connected, codeOf, request, rest, serving, until } from './support/talk';

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  test('its request’s signal aborts, and what the handler answers is sent', () =>
    serving(
      ({ signal }: Request) => new Response(String(codeOf(() => sleep(20_000, { signal })))),
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /'));
          until(() => server.stats().running === 1);
          socket.shutdown('write');
          expect(answerFrom(socket).body).toBe('ERR_VERDANT_HTTP_ABORTED');
          expect(rest(socket)).toBe('');
        });
        expect(server.stats()).toMatchObject({ aborted: 0, failed: 0 });
      },
    ));

  test('all requests that it had sent are answered, though the first one’s signal has told of the end', () =>
    serving(
      ({ path, signal }: Request) => {
        if (path === '/1') until(() => signal.aborted);
        return new Response(`${path} ${signal.aborted}`);
      },
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /1') + request('POST /2', ['Content-Length: 2'], 'ab') + request('GET /3'));
          socket.shutdown('write');
          expect([1, 2, 3].map(() => answerFrom(socket).body)).toEqual(['/1 true', '/2 true', '/3 true']);
          expect(rest(socket)).toBe('');
        });
      },
    ));

  interface Line {
    server: HttpServer;
    first: Socket;
    second: Socket;
    /** The paths of the requests that have come to the handler. */
    handled: string[];
    /** Lets the handler answer. */
    goOn: () => void;
  }

  // The first one's request is being handled, the second one's waits in line.
  function withOneInLine(play: (line: Line) => void): Promise<void> {
    const handled: string[] = [];
    let open = false;
    const goOn = (): void => {
      open = true;
    };
    const handler = ({ path }: Request): Response => {
      handled.push(path);
      until(() => open);
      return new Response(path);
    };
    return serving(handler, { concurrency: 1 }, (server) => {
      connected(server, (first) => {
        first.sendAll(request('GET /first'));
        until(() => server.stats().running === 1);
        connected(server, (second) => {
          second.sendAll(request('GET /second'));
          until(() => server.stats().queued === 1);
          play({ server, first, second, handled, goOn });
        });
      });
    });
  }

  test('its request keeps its place in line', () =>
    withOneInLine(({ first, second, goOn }) => {
      second.shutdown('write');
      sleep(2);
      goOn();
      expect(answerFrom(first).body).toBe('/first');
      expect(answerFrom(second).body).toBe('/second');
    }));

  test('a request in line whose connection broke is dropped', () =>
    withOneInLine(({ server, first, second, handled, goOn }) => {
      second.close({ reset: true });
      until(() => server.stats().queued === 0);
      goOn();
      expect(answerFrom(first).body).toBe('/first');
      expect(handled).toEqual(['/first']);
    }));

  test('with killOnDisconnect its end counts as going away', () => {
    const ended: string[] = [];
    return serving(
      () => {
        try {
          sleep(20_000);
        } finally {
          ended.push('killed');
        }
      },
      { killOnDisconnect: true },
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /'));
          until(() => server.stats().running === 1);
          socket.shutdown('write');
          expect(codeOf(() => rest(socket))).toBe('ECONNRESET');
        });
        expect(ended).toEqual(['killed']);
      },
    );
  });

  test('with allowHalfOpen its end means nothing, and a reset behind it everything', () => {
    const codes: unknown[] = [];
    let handler: GreenThread | null = null;
    return serving(
      ({ signal }: Request) => {
        handler = spawn(() => codes.push(codeOf(() => sleep(20_000, { signal }))));
        handler.join();
        return new Response('x');
      },
      { allowHalfOpen: true, killOnDisconnect: true },
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /'));
          until(() => handler !== null);
          socket.shutdown('write');
          sleep(2);
          expect(codes).toEqual([]);
          socket.close({ reset: true });
        });
        until(() => codes.length === 1 && server.stats().running === 0);
        expect(codes).toEqual(['ERR_VERDANT_HTTP_ABORTED']);
        expect(server.stats().aborted).toBe(1);
      },
    );
  });

  test('with allowHalfOpen it gets the answer of a handler that would be killed else', () =>
    serving(
      ({ signal }: Request) => {
        for (let count = 0; count < 5; count += 1) sleep(1);
        return new Response(String(signal.aborted));
      },
      { allowHalfOpen: true, killOnDisconnect: true },
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /'));
          socket.shutdown('write');
          expect(answerFrom(socket).body).toBe('false');
        });
      },
    ));

  test('with allowHalfOpen it gets an answer that comes long after the handler has returned', () =>
    serving(
      (_incoming: IncomingMessage, response: ServerResponse) => {
        let turns = 5;
        const later = (): void => {
          turns -= 1;
          if (turns > 0) setImmediate(later);
          else response.end('late');
        };
        later();
      },
      { allowHalfOpen: true },
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /'));
          socket.shutdown('write');
          expect(answerFrom(socket).body).toBe('late');
        });
      },
    ));

  test('an idle connection whose client ends it, is closed', () =>
    serving(
      () => new Response('x'),
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /'));
          answerFrom(socket);
          socket.shutdown('write');
          expect(rest(socket)).toBe('');
        });
        until(() => server.stats().connections === 0);
      },
    ));

  test('allowHalfOpen is true or false', async () => {
    await expect(
      serving(
        () => 'x',
        { allowHalfOpen: 1 as never },
        () => undefined,
      ),
    ).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
    });
  });
});
