// setTimeout of requests and responses in node:http's shape: who is told when nothing comes or goes, and what is done.
import { Event, run, sleep } from 'verdant';
import { availableHubs } from 'verdant/hub';
import { type IncomingMessage, type ServerResponse } from 'verdant/http';
import { Inactivity } from '../../../dist/http/server/inactivity';
import { onHub } from '../../net/support/hubs';
import { useVirtualClock } from '../../support/virtual_clock';
import { answerFrom, connected, codeOf, request, rest, serving, until } from './support/talk';

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;
type Both = (incoming: IncomingMessage, response: ServerResponse, told: () => void) => void;

const ways: [string, Both][] = [
  ['request.setTimeout', (incoming) => void incoming.setTimeout(5)],
  ['response.setTimeout', (_incoming, response) => void response.setTimeout(5)],
  ['request.socket.setTimeout', (incoming) => void incoming.socket.setTimeout(5)],
];

const listeners: [string, Both][] = [
  ['the callback of request.setTimeout', (incoming, _response, told) => void incoming.setTimeout(5, told)],
  ['the callback of response.setTimeout', (_incoming, response, told) => void response.setTimeout(5, told)],
  [
    'the callback of request.socket.setTimeout',
    (incoming, _response, told) => void incoming.socket.setTimeout(5, told),
  ],
  [
    'request.on',
    (incoming, response, told) => {
      response.setTimeout(5);
      incoming.on('timeout', told);
    },
  ],
  [
    'response.once',
    (incoming, response, told) => {
      incoming.setTimeout(5);
      response.once('timeout', told);
    },
  ],
];

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  test.each(ways)('%s breaks the connection if nobody listens, and the signal aborts', (_name, set) => {
    const codes: unknown[] = [];
    const handler: Handler = (incoming, response) => {
      set(incoming, response, () => undefined);
      codes.push(codeOf(() => sleep(20_000, { signal: incoming.signal })));
    };
    return serving(handler, {}, (server) => {
      connected(server, (socket) => {
        socket.sendAll(request('GET /'));
        expect(codeOf(() => rest(socket))).toBe('ECONNRESET');
      });
      until(() => server.stats().running === 0);
      expect(codes).toEqual(['ERR_VERDANT_HTTP_ABORTED']);
    });
  });

  test.each(listeners)('who listens by %s may answer, on a green thread, and the connection goes on', (_name, set) => {
    const answered = new Event();
    const handler: Handler = (incoming, response) => {
      if (incoming.url === '/quick') {
        response.end('quick');
        return;
      }
      set(incoming, response, () => {
        sleep(1);
        response.statusCode = 503;
        response.end('too slow');
        answered.send();
      });
      answered.wait();
      response.end('never seen');
    };
    return serving(handler, {}, (server) => {
      connected(server, (socket) => {
        socket.sendAll(request('GET /'));
        expect(answerFrom(socket)).toMatchObject({ status: 503, body: 'too slow' });
        socket.sendAll(request('GET /quick'));
        expect(answerFrom(socket)).toMatchObject({ status: 200, body: 'quick' });
      });
    });
  });

  test('a timeout that was taken back never comes', () => {
    const told: string[] = [];
    const handler: Handler = (incoming, response) => {
      response.setTimeout(1, () => void told.push('told'));
      incoming.setTimeout(0);
      sleep(3);
      response.end('x');
    };
    return serving(handler, { idleTimeout: Infinity, headerTimeout: Infinity }, (server) => {
      connected(server, (socket) => {
        socket.sendAll(request('GET /'));
        expect(answerFrom(socket).body).toBe('x');
      });
      expect(told).toEqual([]);
    });
  });

  test('what the listener throws is told to onError, and the handler goes on', () => {
    const errors: unknown[] = [];
    const failed = new Event();
    const handler: Handler = (_incoming, response) => {
      response.setTimeout(5, () => {
        throw new Error('in the listener');
      });
      failed.wait();
      response.end('still here');
    };
    const onError = (error: unknown): void => {
      errors.push((error as Error).message);
      failed.send();
    };
    return serving(handler, { onError }, (server) => {
      connected(server, (socket) => {
        socket.sendAll(request('GET /'));
        expect(answerFrom(socket).body).toBe('still here');
      });
      expect(errors).toEqual(['in the listener']);
    });
  });

  test('nothing is left of it when the server is closed first', () => {
    const handler: Handler = (_incoming, response) => {
      response.setTimeout(20_000);
      sleep(20_000);
    };
    return serving(handler, {}, (server) => {
      connected(server, (socket) => {
        socket.sendAll(request('GET /'));
        until(() => server.stats().running === 1);
        server.close({ timeout: 0 });
        expect(codeOf(() => rest(socket))).toBe('ECONNRESET');
      });
    });
  });

  test('wrong arguments are refused', () => {
    const codes: unknown[] = [];
    const handler: Handler = (incoming, response) => {
      codes.push(codeOf(() => incoming.setTimeout(-1)));
      codes.push(codeOf(() => response.setTimeout('1' as never)));
      codes.push(codeOf(() => response.setTimeout(1, 1 as never)));
      response.end();
    };
    return serving(handler, {}, (server) => {
      connected(server, (socket) => {
        socket.sendAll(request('GET /'));
        answerFrom(socket);
      });
      expect(codes).toEqual(['ERR_OUT_OF_RANGE', 'ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_TYPE']);
    });
  });
});

describe('time that passes', () => {
  const hub = useVirtualClock();

  // How long after the beginning it came to an end, with all that `during` did meanwhile.
  function ended(during: (inactivity: Inactivity) => void): number[] {
    const began = hub().time();
    const ends: number[] = [];
    const inactivity = new Inactivity(() => void ends.push(hub().time() - began));
    inactivity.set(100);
    during(inactivity);
    sleep(1000);
    inactivity.stop();
    expect(hub().stats().timers).toBe(0);
    return ends;
  }

  test('is counted from what happened last', async () => {
    await run(() => {
      expect(ended(() => undefined)).toEqual([100]);
      const touched = ended((inactivity) => {
        for (let count = 0; count < 5; count += 1) {
          sleep(60);
          inactivity.touch();
        }
      });
      expect(touched).toEqual([400]);
    });
  });

  test('is not counted while something goes on', async () => {
    await run(() => {
      const held = ended((inactivity) => {
        inactivity.hold();
        sleep(500);
        inactivity.touch();
      });
      expect(held).toEqual([600]);
    });
  });

  test('begins again with what happens after it was up', async () => {
    await run(() => {
      const again = ended((inactivity) => {
        sleep(300);
        inactivity.touch();
      });
      expect(again).toEqual([100, 400]);
    });
  });
});
