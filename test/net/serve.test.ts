// serve(): one green thread per connection, how many at a time, what ends it, and that nothing outlives it.
import { AsyncLocalStorage } from 'node:async_hooks';
import { getCurrent, run, sleep, spawn, type GreenThread } from 'verdant';
import { availableHubs, getHub } from 'verdant/hub';
import { connect, listen, type Listener, serve, type ServeOptions, type Socket, StopServe } from 'verdant/net';
import { code, thrown } from '../core/thrown';
import { onHub } from './support/hubs';
import { letOthersRun, recvAll, using } from './support/sockets';

type Work = (socket: Socket) => unknown;

interface Server {
  listener: Listener;
  thread: GreenThread;
  /** What serve() has thrown or returned. */
  outcome(): unknown;
}

// Lets `body` talk to a server, which must be over when the body is; nothing may be left then.
function serving(handler: Work, options: ServeOptions, body: (server: Server) => void): Promise<void> {
  return run(() => {
    using([listen('127.0.0.1:0')], (listener) => {
      let outcome: unknown = 'not over';
      const thread = spawn({ name: 'server' }, () => {
        try {
          serve(listener, handler, options);
          outcome = undefined;
        } catch (error) {
          outcome = error;
        }
      });
      body({
        listener,
        thread,
        outcome() {
          thread.join();
          return outcome;
        },
      });
      listener.close();
      thread.join();
    });
    letOthersRun();
    expect(getHub().stats()).toMatchObject({ greenThreads: 1, listeners: 0, timers: 0 });
  });
}

// A question that the handler does not read would have the system reset the connection: by default there is none.
function ask({ listener }: Server, question = ''): string {
  return using([connect(listener.address)], (socket) => {
    socket.sendAll(question);
    socket.shutdown();
    return String(recvAll(socket));
  });
}

describe.each(availableHubs())('hub %s', (hub) => {
  onHub(hub);

  test('calls the handler once for each connection, with the socket and the client’s address', async () => {
    const calls: unknown[] = [];
    const handler = jest.fn((socket: Socket) => socket.sendAll(recvAll(socket)));
    await serving(handler, {}, (server) => {
      for (const text of ['a', 'b', 'c']) {
        using([connect(server.listener.address)], (client) => {
          client.sendAll(text);
          client.shutdown();
          expect(String(recvAll(client))).toBe(text);
          calls.push([expect.objectContaining({ closed: true }), client.localAddress]);
        });
      }
    });
    expect(handler.mock.calls).toEqual(calls);
  });

  test('runs each handler on a green thread of its own: a slow client does not delay the others', async () => {
    const threads = new Set<unknown>();
    await serving(
      (socket) => {
        threads.add(getCurrent());
        socket.sendAll(`${socket.recvLine()}!`);
      },
      {},
      (server) => {
        using([connect(server.listener.address)], (slow) => {
          expect(ask(server, 'quick')).toBe('quick!');
          slow.sendAll('slow\n');
          expect(String(recvAll(slow))).toBe('slow!');
        });
      },
    );
    expect(threads.size).toBe(2);
  });

  test.each<[string, Work]>([
    ['returns', () => undefined],
    [
      'throws',
      () => {
        throw new Error('handled');
      },
    ],
    ['rejects', () => Promise.reject(new Error('handled'))],
    ['is killed', () => getCurrent()!.kill()],
    ['closes it itself', (socket) => socket.close()],
  ])('closes the connection when the handler %s', async (_what, handler) => {
    let accepted: Socket | undefined;
    await serving(
      (socket) => {
        accepted = socket;
        return handler(socket);
      },
      { onError: () => {} },
      (server) => {
        using([connect(server.listener.address)], (client) => expect(client.recv()).toHaveLength(0));
        expect(accepted!.closed).toBe(true);
        expect(server.thread.dead).toBe(false);
      },
    );
  });

  test('waits for the promise of an async handler before it closes the connection', async () => {
    await serving(
      async (socket) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        await run(() => socket.sendAll('after all'));
      },
      {},
      (server) => expect(ask(server)).toBe('after all'),
    );
  });

  test('handlers have the AsyncLocalStorage of the caller of serve, each its own from then on', async () => {
    const storage = new AsyncLocalStorage<string>();
    await storage.run('server', () =>
      serving(
        (socket) => {
          const before = storage.getStore();
          storage.enterWith(String(socket.recv()));
          sleep(1);
          socket.sendAll(`${before} ${storage.getStore()}`);
        },
        {},
        (server) => {
          const clients = ['a', 'b', 'c'].map((name) => spawn(() => ask(server, name)));
          expect(clients.map((client) => client.wait())).toEqual(['server a', 'server b', 'server c']);
        },
      ),
    );
  });

  describe('concurrency', () => {
    test.each([1, 3])('%i handlers run at a time, and the other clients wait their turn', async (concurrency) => {
      let running = 0;
      let most = 0;
      await serving(
        (socket) => {
          running += 1;
          most = Math.max(most, running);
          letOthersRun();
          socket.sendAll('x');
          running -= 1;
        },
        { concurrency },
        (server) => {
          const clients = Array.from({ length: 10 }, () => spawn(() => ask(server)));
          for (const client of clients) expect(client.wait()).toBe('x');
        },
      );
      expect(most).toBe(concurrency);
    });

    test('a handler that is killed or fails frees its place', async () => {
      const handlers: GreenThread[] = [];
      const errors: unknown[] = [];
      await serving(
        (socket) => {
          handlers.push(getCurrent()!);
          if (handlers.length === 2) throw new Error('second');
          if (handlers.length === 3) socket.sendAll('third');
          else socket.recv();
        },
        { concurrency: 1, onError: (error) => errors.push((error as Error).message) },
        (server) => {
          const clients = [connect(server.listener.address), connect(server.listener.address)];
          using([...clients], () => {
            while (handlers.length === 0) letOthersRun();
            handlers[0]!.kill();
            expect(ask(server)).toBe('third');
          });
        },
      );
      expect(errors).toEqual(['second']);
    });

    test('a stop is heeded while all places are taken', async () => {
      await serving(
        (socket) => socket.recv(),
        { concurrency: 1, stopTimeout: 0 },
        (server) => {
          using([connect(server.listener.address)], () => {
            while (getHub().stats().greenThreads < 3) letOthersRun();
            letOthersRun();
            server.listener.close();
            expect(server.outcome()).toBeUndefined();
          });
        },
      );
    });
  });

  describe('an error of a handler', () => {
    const failing: Work = (socket) => {
      if (socket.recvLine() === 'fail') throw new Error('on purpose');
      socket.sendAll('fine');
    };

    test('ends serve with that error when there is no onError, and stops the other handlers', async () => {
      await serving(failing, { stopTimeout: 0 }, (server) => {
        using([connect(server.listener.address)], (other) => {
          expect(ask(server, 'fail\n')).toBe('');
          expect(server.outcome()).toMatchObject({ message: 'on purpose' });
          expect(server.listener.closed).toBe(false);
          expect(other.recv()).toHaveLength(0);
        });
      });
    });

    test('goes to onError with the socket, still open, and ends that connection alone', async () => {
      const onError = jest.fn((_error: unknown, socket: Socket) => socket.sendAll('sorry'));
      await serving(failing, { onError }, (server) => {
        expect([ask(server, 'fail\n'), ask(server, 'work\n')]).toEqual(['sorry', 'fine']);
      });
      expect(onError.mock.calls).toEqual([
        [expect.objectContaining({ message: 'on purpose' }), expect.objectContaining({ closed: true })],
      ]);
    });

    test('ends serve with what onError throws', async () => {
      const onError = (): void => {
        throw new Error('worse');
      };
      await serving(failing, { onError }, (server) => {
        ask(server, 'fail\n');
        expect(server.outcome()).toMatchObject({ message: 'worse' });
      });
    });

    test.each([undefined, null, 0, 'text'])('may be %p', async (value) => {
      await serving(
        () => {
          throw value;
        },
        {},
        (server) => {
          ask(server);
          expect(server.outcome()).toBe(value);
        },
      );
    });

    test('of a rejected promise counts as thrown', async () => {
      await serving(
        () => Promise.reject(new Error('rejected')),
        {},
        (server) => {
          ask(server);
          expect(server.outcome()).toMatchObject({ message: 'rejected' });
        },
      );
    });
  });

  describe('is ended', () => {
    // Greets, and then takes its time.
    const slow: Work = (socket) => {
      socket.sendAll('hello\n');
      socket.sendAll(`bye ${socket.recvLine()}`);
    };

    function withSlowClient(server: Server, body: (client: Socket) => void): void {
      using([connect(server.listener.address)], (client) => {
        expect(client.recvLine()).toBe('hello');
        body(client);
      });
    }

    const endings: [string, (server: Server, controller: AbortController) => void, unknown][] = [
      ['by closing the listener', ({ listener }) => listener.close(), undefined],
      ['by its signal', (_server, controller) => controller.abort('the reason'), 'the reason'],
    ];

    test.each(endings)('%s: handlers may finish, and then it is over', async (_what, end, expected) => {
      const controller = new AbortController();
      await serving(slow, { signal: controller.signal, stopTimeout: 60_000 }, (server) => {
        withSlowClient(server, (client) => {
          end(server, controller);
          letOthersRun();
          expect(server.thread.dead).toBe(false);
          client.sendAll('friend\n');
          expect(String(recvAll(client))).toBe('bye friend');
          expect(server.outcome()).toBe(expected);
        });
      });
    });

    test.each(endings)('%s: handlers are killed after stopTimeout', async (_what, end, expected) => {
      const controller = new AbortController();
      await serving(slow, { signal: controller.signal, stopTimeout: 15 }, (server) => {
        withSlowClient(server, (client) => {
          const start = performance.now();
          end(server, controller);
          expect(server.outcome()).toBe(expected);
          expect(performance.now() - start).toBeGreaterThanOrEqual(14);
          expect(client.recv()).toHaveLength(0);
        });
      });
    });

    test('by StopServe of a handler: it returns, and other handlers may finish', async () => {
      const handler: Work = (socket) => {
        if (socket.recvLine() === 'stop') throw new StopServe();
        socket.sendAll('finished');
      };
      await serving(
        handler,
        {
          stopTimeout: 60_000,
          onError: (error) => {
            throw error;
          },
        },
        (server) => {
          using([connect(server.listener.address)], (other) => {
            expect(ask(server, 'stop\n')).toBe('');
            expect(server.thread.dead).toBe(false);
            other.sendAll('go\n');
            expect(String(recvAll(other))).toBe('finished');
            expect(server.outcome()).toBeUndefined();
            expect(server.listener.closed).toBe(false);
          });
        },
      );
    });

    test('by a signal that has aborted before: it accepts nobody', async () => {
      const handler = jest.fn();
      await serving(handler, { signal: AbortSignal.abort('before') }, (server) => {
        expect(server.outcome()).toBe('before');
      });
      expect(handler).not.toHaveBeenCalled();
    });

    test('by a kill of its green thread: the handlers are killed with it', async () => {
      const outcomes: string[] = [];
      const handler: Work = (socket) => {
        try {
          slow(socket);
        } catch (error) {
          outcomes.push((error as { code: string }).code);
          throw error;
        }
      };
      await serving(handler, { stopTimeout: 60_000 }, (server) => {
        withSlowClient(server, (client) => {
          server.thread.kill();
          expect(client.recv()).toHaveLength(0);
          server.thread.join();
        });
      });
      expect(outcomes).toEqual(['ERR_VERDANT_KILLED']);
    });

    test('by a second kill while its handlers take their leave: it still waits for them', async () => {
      let left = false;
      const handler: Work = (socket) => {
        try {
          slow(socket);
        } finally {
          left = true;
        }
      };
      await serving(handler, { stopTimeout: 60_000 }, (server) => {
        withSlowClient(server, () => {
          server.thread.kill();
          server.thread.kill();
          server.thread.join();
          expect(left).toBe(true);
        });
      });
    });

    test('with handlers that have not begun: their connections are closed', async () => {
      const handler = jest.fn();
      await serving(handler, {}, (server) => {
        using([connect(server.listener.address)], (client) => {
          server.thread.kill();
          expect(['', 'ECONNRESET']).toContain(
            (() => {
              try {
                server.listener.close();
                return String(client.recv());
              } catch (error) {
                return (error as { code: string }).code;
              }
            })(),
          );
        });
      });
    });
  });

  test('the listener can be served again after StopServe', async () => {
    await serving(
      () => {
        throw new StopServe();
      },
      {},
      (server) => {
        ask(server);
        expect(server.outcome()).toBeUndefined();
        const again = spawn(() => serve(server.listener, (socket) => socket.sendAll('again')));
        expect(ask(server)).toBe('again');
        server.listener.close();
        again.wait();
      },
    );
  });

  test('a thousand clients are served, a hundred at a time', async () => {
    let running = 0;
    let most = 0;
    await serving(
      (socket) => {
        running += 1;
        most = Math.max(most, running);
        const line = socket.recvLine()!;
        letOthersRun();
        socket.sendAll(line.toUpperCase());
        running -= 1;
      },
      { concurrency: 100 },
      (server) => {
        const clients = Array.from({ length: 1000 }, (_, index) => spawn(() => ask(server, `client ${index}\n`)));
        expect(clients.map((client) => client.wait())).toEqual(clients.map((_, index) => `CLIENT ${index}`));
      },
    );
    expect(most).toBeLessThanOrEqual(100);
  });
});

test.each<[string, unknown[], string]>([
  ['a listener that is none', [{}, () => {}], 'ERR_INVALID_ARG_TYPE'],
  ['no listener', [null, () => {}], 'ERR_INVALID_ARG_TYPE'],
  ['a handler that is none', [{ accept() {} }, 5], 'ERR_INVALID_ARG_TYPE'],
  ['options that are none', [{ accept() {} }, () => {}, null], 'ERR_INVALID_ARG_TYPE'],
  ['no concurrency', [{ accept() {} }, () => {}, { concurrency: 0 }], 'ERR_OUT_OF_RANGE'],
  ['a negative stopTimeout', [{ accept() {} }, () => {}, { stopTimeout: -1 }], 'ERR_OUT_OF_RANGE'],
  ['an onError that is none', [{ accept() {} }, () => {}, { onError: 5 }], 'ERR_INVALID_ARG_TYPE'],
  ['a signal that is none', [{ accept() {} }, () => {}, { signal: {} }], 'ERR_INVALID_ARG_TYPE'],
])('serve refuses %s', async (_what, args, expected) => {
  await run(() => {
    expect(thrown(() => serve(...(args as Parameters<typeof serve>)))).toEqual(code(expected));
  });
});

test('StopServe is an error with a code and a message', () => {
  expect(new StopServe()).toMatchObject({ name: 'StopServe', code: 'ERR_VERDANT_STOP_SERVE' });
  expect(new StopServe('enough').message).toBe('enough');
});
