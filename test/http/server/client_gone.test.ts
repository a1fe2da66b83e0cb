// A client that goes away while its request is handled: who learns of it, and that nothing is left.
import { sleep } from 'verdant';
import { availableHubs } from 'verdant/hub';
import { type IncomingMessage, type Request, Response, type ServerResponse } from 'verdant/http';
import { onHub } from '../../net/support/hubs';
import { answerFrom, connected, codeOf, request, serving, until } from './support/talk';

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  test('request.signal aborts, and ends a call that was given it', () => {
    const codes: unknown[] = [];
    return serving(
      ({ signal }: Request) => {
        codes.push(codeOf(() => sleep(20_000, { signal })));
        return new Response('nobody');
      },
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /'));
          until(() => server.stats().running === 1);
        });
        until(() => server.stats().running === 0 && server.stats().connections === 0);
        expect(codes).toEqual(['ERR_VERDANT_HTTP_ABORTED']);
      },
    );
  });

  test('request.signal does not abort for a request that follows, nor when all is well', () => {
    const signals: AbortSignal[] = [];
    return serving(
      ({ signal }: Request) => {
        signals.push(signal);
        sleep(10);
        return new Response(String(signal.aborted));
      },
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /a') + request('GET /b'));
          sleep(3);
          socket.sendAll(request('GET /c'));
          expect([1, 2, 3].map(() => answerFrom(socket).body)).toEqual(['false', 'false', 'false']);
        });
        until(() => server.stats().connections === 0);
        expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false]);
      },
    );
  });

  test('a client that has ended its side only, gets its answer', () =>
    serving(
      () => {
        sleep(10);
        return new Response('still here');
      },
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /'));
          socket.shutdown('write');
          expect(answerFrom(socket).body).toBe('still here');
        });
      },
    ));

  test('with killOnDisconnect the handler is killed', () => {
    const ended: string[] = [];
    return serving(
      () => {
        try {
          sleep(20_000);
        } finally {
          ended.push('finally');
        }
      },
      { killOnDisconnect: true },
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /'));
          until(() => server.stats().running === 1);
        });
        until(() => server.stats().running === 0);
        expect(ended).toEqual(['finally']);
      },
    );
  });

  test('a body that breaks off is an error for who reads it', () => {
    const codes: unknown[] = [];
    return serving(
      (incoming: Request) => {
        codes.push(codeOf(() => incoming.text()));
        return new Response('x');
      },
      {},
      (server) => {
        connected(server, (socket) => socket.sendAll(request('POST /', ['Content-Length: 10'], 'half')));
        until(() => codes.length === 1 && server.stats().connections === 0);
        expect(codes).toEqual(['ERR_VERDANT_HTTP_ABORTED']);
      },
    );
  });

  test('a stream whose client has gone is closed where it is', () => {
    const ended: string[] = [];
    function* endless(): Generator<string> {
      try {
        for (;;) {
          sleep(1);
          yield 'x'.repeat(10_000);
        }
      } finally {
        ended.push('closed');
      }
    }
    return serving(
      () => new Response(endless()),
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /'));
          socket.recv();
        });
        until(() => ended.length === 1);
        until(() => server.stats().connections === 0);
        expect(server.stats()).toMatchObject({ aborted: 1, failed: 0 });
      },
    );
  });

  test('a response that nobody ends is over when the client goes', () =>
    serving(
      (_incoming: IncomingMessage, response: ServerResponse) => void response.write('one'),
      {},
      (server) => {
        connected(server, (socket) => {
          socket.sendAll(request('GET /'));
          until(() => server.stats().running === 1);
          socket.recvLine();
        });
        until(() => server.stats().running === 0);
        expect(server.stats().connections).toBe(0);
      },
    ));
});
