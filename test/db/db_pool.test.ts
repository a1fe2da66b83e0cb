// DbPool with a fake server: lending, limits, expiry, cleaning, breakdowns, closing. On a virtual clock.
import { getCurrent, run, sleep, spawn, wait } from 'verdant';
import { DbPool, type DbPoolOptions } from 'verdant/db';
import { useVirtualClock, type VirtualClock } from 'verdant/testing';
import { thrown } from '../core/thrown';
import { FakeClient, FakeServer } from './support/fake_server';

type Client = FakeClient;

let clock: VirtualClock;
let server: FakeServer;
let pool: DbPool<Client>;
let reported: [string, unknown][];

function makePool(options: Partial<DbPoolOptions<Client>> = {}): DbPool<Client> {
  const onError = (error: unknown, during: string): void => void reported.push([during, error]);
  pool = new DbPool<Client>({ connect: () => server.connect(), onError, ...options });
  return pool;
}

/** Lends a connection to a green thread until it is told to let go. */
function borrow(): { thread: ReturnType<typeof spawn>; release: () => void; number: () => number } {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let number = 0;
  const thread = spawn(() =>
    pool.use((client) => {
      number = client.number;
      wait(released);
    }),
  );
  return { thread, release, number: () => number };
}

describe('on a virtual clock,', () => {
  beforeEach(() => {
    clock = useVirtualClock();
    server = new FakeServer();
    reported = [];
  });

  afterEach(async () => {
    await pool.close();
    expect(server.open).toBe(0);
    expect(pool.statistics()).toMatchObject({ size: 0, idle: 0, inUse: 0, opening: 0, waiting: 0 });
    clock.restore();
  });

  test('nothing is opened before it is needed', async () => {
    makePool({ min: 2 });
    expect(pool.statistics().size).toBe(0);
    await run(() => sleep(10));
    expect(server.opened).toBe(0);
  });

  test('a connection is used again', async () => {
    makePool();
    await run(() => {
      expect(pool.use((client) => client.query('a'))).toBe('1: a');
      expect(pool.use((client) => client.query('b'))).toBe('1: b');
      expect(server.opened).toBe(1);
    });
  });

  test('methods that return promises block on what is lent', async () => {
    makePool();
    await run(() => expect(pool.use((client) => client.later('x'))).toBe('1: x'));
  });

  test('connect may return a promise', async () => {
    makePool({ connect: async () => Promise.resolve(server.connect()) });
    await run(() => expect(pool.use((client) => client.query('x'))).toBe('1: x'));
  });

  test('there are never more than max, and those who wait are served in their order', async () => {
    makePool({ max: 3 });
    const order: number[] = [];
    await run(() => {
      const threads = Array.from({ length: 20 }, (_, index) =>
        spawn(() =>
          pool.use((client) => {
            order.push(index);
            client.query('x', 10);
          }),
        ),
      );
      sleep(1);
      expect(pool.statistics()).toMatchObject({ size: 3, inUse: 3, waiting: 17 });
      for (const thread of threads) thread.wait();
    });
    expect(order).toEqual(order.map((_, index) => index));
    expect(server.most).toBe(3);
  });

  test('a connection that is put back goes to the first who waits, and no newcomer gets it', async () => {
    makePool({ max: 1, cleanup: null });
    await run(() => {
      const held = pool.get();
      const order: string[] = [];
      const waiter = spawn(() => pool.use(() => order.push('waiter')));
      sleep(0);
      pool.put(held);
      pool.use(() => order.push('newcomer'));
      waiter.wait();
      expect(order).toEqual(['waiter', 'newcomer']);
    });
  });

  test('put is legal from plain code, and twice it is refused', async () => {
    makePool();
    const held = await run(() => pool.get());
    expect(getCurrent()).toBe(null);
    pool.put(held);
    expect(() => pool.put(held)).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_DB_FOREIGN' }));
    expect(() => pool.put(new FakeClient(server, 9) as never)).toThrow(
      expect.objectContaining({ code: 'ERR_VERDANT_DB_FOREIGN' }),
    );
  });

  test('hold gives it back at the end of the scope, once', async () => {
    makePool();
    await run(() => {
      const held = pool.hold();
      expect(held.connection.query('x')).toBe('1: x');
      held[Symbol.dispose]();
      held[Symbol.dispose]();
      sleep(1);
      expect(pool.statistics()).toMatchObject({ inUse: 0, idle: 1 });
    });
  });

  test('what the borrower throws comes through, and the connection comes back', async () => {
    makePool();
    const error = new Error('mine');
    await run(() => {
      expect(() =>
        pool.use(() => {
          throw error;
        }),
      ).toThrow(error);
      sleep(1);
      expect(pool.statistics()).toMatchObject({ inUse: 0, idle: 1 });
    });
  });

  describe('min and expiry:', () => {
    test('min connections are opened at first use', async () => {
      makePool({ min: 3 });
      await run(() => {
        pool.use((client) => client.query('x'));
        sleep(1);
        expect(pool.statistics()).toMatchObject({ size: 3, idle: 3 });
      });
    });

    test('an idle one is closed after maxIdle, but not below min', async () => {
      makePool({ min: 1, max: 3, maxIdle: 100, maxAge: Infinity });
      await run(() => {
        const borrowed = [borrow(), borrow(), borrow()];
        sleep(1);
        for (const { release, thread } of borrowed) {
          release();
          thread.wait();
        }
        sleep(50);
        expect(pool.statistics().size).toBe(3);
        sleep(60);
        pool.prune();
        sleep(0);
        expect(pool.statistics()).toMatchObject({ size: 1, idle: 1 });
      });
    });

    test('one that is too old is closed when it is put back, and not lent when it is idle', async () => {
      makePool({ maxAge: 100, maxIdle: Infinity });
      await run(() => {
        pool.use((client) => client.query('x', 150));
        sleep(1);
        expect(pool.statistics().size).toBe(0);
        expect(pool.use((client) => client.number)).toBe(2);
        sleep(100);
        expect(pool.use((client) => client.number)).toBe(3);
      });
    });

    test.each([{ maxIdle: 0 }, { maxAge: 0 }])('with %o each is used once', async (limits) => {
      makePool(limits);
      await run(() => {
        for (let number = 1; number <= 3; number += 1) {
          expect(pool.use((client) => client.number)).toBe(number);
          sleep(1);
        }
        expect(server.open).toBe(0);
      });
    });

    test('what has become too few is opened again at the next use', async () => {
      makePool({ min: 2, maxAge: 100 });
      await run(() => {
        pool.use((client) => client.query('x'));
        sleep(150);
        pool.use((client) => client.query('x'));
        sleep(1);
        expect(pool.statistics().size).toBe(2);
      });
    });
  });

  describe('connecting:', () => {
    test('an error goes to the first who waits, the next gets another try', async () => {
      makePool({ max: 1 });
      const error = new Error('refused');
      server.refuse.push(error);
      server.connectMs = 10;
      await run(() => {
        const threads = [
          spawn(() => pool.use((client) => client.number)),
          spawn(() => pool.use((client) => client.number)),
        ];
        expect(() => threads[0]!.wait()).toThrow(error);
        expect(threads[1]!.wait()).toBe(1);
        expect(reported).toEqual([]);
      });
    });

    test('an error that nobody waits for is reported', async () => {
      makePool();
      const error = new Error('refused');
      server.refuse.push(error);
      server.connectMs = 10;
      await run(() => {
        expect(() => pool.get({ timeout: 5 })).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_TIMEOUT' }));
        sleep(10);
        expect(reported).toEqual([['connect', error]]);
        expect(pool.statistics().size).toBe(0);
      });
    });

    test('what takes longer than connectTimeout fails, and its place is free', async () => {
      makePool({ max: 1, connectTimeout: 50 });
      server.connectMs = 1000;
      await run(() => {
        expect(() => pool.get()).toThrow(/Connecting took longer than 50 ms/);
        expect(clock.now).toBe(50);
        server.connectMs = 0;
        expect(pool.use((client) => client.number)).toBe(1);
      });
    });

    test('a connection that comes too late is closed', async () => {
      let signal: AbortSignal | undefined;
      makePool({
        connectTimeout: 50,
        connect: (given) => {
          signal = given;
          return spawn(() => {
            sleep(80);
            return server.connect();
          }).promise();
        },
      });
      await run(() => {
        expect(() => pool.get()).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_TIMEOUT' }));
        expect(signal?.aborted).toBe(true);
        sleep(50);
        expect(server.opened).toBe(1);
        expect(server.open).toBe(0);
      });
    });

    test('when the one who waits gives up, the connection that comes is kept for the next', async () => {
      makePool();
      server.connectMs = 20;
      await run(() => {
        expect(() => pool.get({ timeout: 10 })).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_TIMEOUT' }));
        sleep(20);
        expect(pool.statistics()).toMatchObject({ size: 1, idle: 1 });
      });
    });

    test('what is no connection is refused', async () => {
      makePool({ connect: () => undefined as never });
      await run(() => expect(() => pool.get()).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_DB_CONNECT' })));
    });
  });

  describe('cleaning:', () => {
    test('what was left half done is rolled back before the next gets it', async () => {
      makePool({ max: 1 });
      await run(() => {
        pool.use((client) => client.query('BEGIN'));
        pool.use((client) => expect(client.inTransaction).toBe(false));
        expect(server.log).toEqual(['rollback 1']);
      });
    });

    test('a cleanup of its own can be given, to the pool and to each put', async () => {
      const cleaned: string[] = [];
      makePool({ max: 1, cleanup: (client) => void cleaned.push(`pool ${client.number}`) });
      await run(() => {
        pool.use(() => undefined);
        pool.use(() => undefined, { cleanup: (client) => void cleaned.push(`put ${client.number}`) });
        pool.use(() => undefined, { cleanup: null });
        sleep(1);
      });
      expect(cleaned).toEqual(['pool 1', 'put 1']);
      expect(server.log).toEqual([]);
    });

    test('one that fails closes the connection, is reported, and the next gets a new one', async () => {
      const error = new Error('cannot clean');
      makePool({
        max: 1,
        cleanup: () => {
          throw error;
        },
      });
      await run(() => {
        expect(pool.use((client) => client.number)).toBe(1);
        expect(pool.use((client) => client.number)).toBe(2);
        expect(server.most).toBe(1);
      });
      expect(reported[0]).toEqual(['cleanup', error]);
    });

    test('one that hangs is given up after cleanupTimeout', async () => {
      makePool({ max: 1, cleanupTimeout: 30, cleanup: () => sleep(1000) });
      await run(() => {
        pool.use(() => undefined);
        expect(pool.use((client) => client.number)).toBe(2);
        expect(clock.now).toBe(30);
      });
      expect(reported[0]).toEqual(['cleanup', expect.objectContaining({ code: 'ERR_VERDANT_TIMEOUT' })]);
    });

    test('a killed borrower does not interrupt it', async () => {
      makePool({ max: 1, cleanup: (client) => client.query('CLEAN', 20) });
      await run(() => {
        const thread = spawn(() => pool.use((client) => client.query('x', 1000)));
        sleep(5);
        thread.kill();
        thread.join();
        expect(pool.use((client) => client.number)).toBe(1);
        expect(reported).toEqual([]);
      });
    });

    test('while it takes long, others are opened another connection, if there may be more', async () => {
      makePool({ max: 2, cleanup: (client) => client.query('CLEAN', 1000) });
      await run(() => {
        pool.use(() => undefined);
        expect(pool.use((client) => client.number, { cleanup: null })).toBe(2);
        expect(clock.now).toBeLessThan(100);
      });
    });

    test('discard closes it without cleaning', async () => {
      makePool();
      await run(() => {
        pool.put(pool.get(), { discard: true });
        sleep(1);
        expect(server.log).toEqual(['end 1']);
      });
    });
  });

  describe('interruptions:', () => {
    test.each([
      ['timeout', (): void => expect(() => pool.get({ timeout: 5 })).toThrow(/timed out/)],
      ['abort', (): void => expect(() => pool.get({ signal: AbortSignal.abort(new Error('no')) })).toThrow('no')],
    ])('a waiter that leaves by %s loses nobody a connection', async (_how, leave) => {
      makePool({ max: 1 });
      await run(() => {
        const { release, thread } = borrow();
        sleep(0);
        leave();
        const after = spawn(() => pool.use((client) => client.number));
        sleep(0);
        release();
        thread.wait();
        expect(after.wait()).toBe(1);
        expect(pool.waiting()).toBe(0);
      });
    });

    test('a waiter that is killed after it was handed a connection, before it runs, gives it back', async () => {
      makePool({ max: 1, cleanup: null });
      await run(() => {
        const held = pool.get();
        const reached: string[] = [];
        const thread = spawn(() =>
          pool.use(() => {
            reached.push('got it');
            sleep(10);
            reached.push('never');
          }),
        );
        sleep(0);
        pool.put(held); // handed over now
        thread.kill(); // overtakes
        thread.join();
        expect(reached).toEqual(['got it']);
        expect(pool.statistics()).toMatchObject({ inUse: 0, idle: 1 });
      });
    });

    test('a borrower that is killed gives it back', async () => {
      makePool({ max: 1 });
      await run(() => {
        const { thread } = borrow();
        sleep(1);
        thread.kill();
        thread.join();
        expect(pool.use((client) => client.number)).toBe(1);
      });
    });
  });

  describe('breakdowns:', () => {
    test.each(['error', 'end', 'close'])("an idle one that emits '%s' is not lent again", async (event) => {
      const clients: Client[] = [];
      makePool({
        connect: () => {
          const client = server.connect();
          clients.push(client);
          return client;
        },
      });
      await run(() => {
        pool.use((client) => client.query('x'));
        sleep(1);
        clients[0]!.breakDown(event);
        clients[0]!.breakDown('error'); // once more: nobody is hurt
        expect(pool.use((client) => client.number)).toBe(2);
      });
    });

    test('one that breaks while it is lent is closed when it is put back', async () => {
      makePool();
      await run(() => {
        pool.use((client) => client.breakDown());
        sleep(1);
        expect(pool.statistics().size).toBe(0);
        expect(server.log).toEqual(['end 1']);
      });
    });
  });

  describe('clear and close:', () => {
    test('clear closes the idle ones now, and those that are lent when they come back', async () => {
      makePool();
      await run(() => {
        const { release, thread } = borrow();
        sleep(0);
        pool.use((client) => client.query('x'));
        sleep(1);
        pool.clear();
        sleep(1);
        expect(pool.statistics()).toMatchObject({ size: 1, idle: 0, inUse: 1 });
        release();
        thread.wait();
        sleep(1);
        expect(pool.statistics().size).toBe(0);
        expect(pool.use((client) => client.number)).toBe(3);
      });
    });

    test('close refuses newcomers and those who wait, and is over when all are closed', async () => {
      makePool({ max: 1 });
      await run(() => {
        const { release, thread } = borrow();
        sleep(0);
        const waiter = spawn(() => thrown(() => pool.get()));
        sleep(0);
        let over = false;
        const closing = pool.close().then(() => {
          over = true;
        });
        expect(waiter.wait()).toMatchObject({ code: 'ERR_VERDANT_CLOSED' });
        expect(() => pool.get()).toThrow(expect.objectContaining({ code: 'ERR_VERDANT_CLOSED' }));
        sleep(10);
        expect(over).toBe(false);
        release();
        thread.wait();
        wait(closing);
      });
    });

    test('close while a connection is opened leaves none behind', async () => {
      makePool({
        connect: () =>
          spawn(() => {
            sleep(50);
            return server.connect();
          }).promise(),
      });
      await run(() => {
        const waiter = spawn(() => thrown(() => pool.get()));
        sleep(10);
        wait(pool.close());
        expect(waiter.wait()).toMatchObject({ code: 'ERR_VERDANT_CLOSED' });
        sleep(100);
        expect([server.opened, server.open]).toEqual([1, 0]);
      });
    });

    test('close before a connection has begun to open leaves none behind', async () => {
      makePool();
      await run(() => {
        // It may fail before anybody looks: its error is its result.
        const waiter = spawn(() => thrown(() => pool.get()));
        spawn(() => void pool.close()).wait();
        expect(waiter.wait()).toMatchObject({ code: 'ERR_VERDANT_CLOSED' });
      });
      await pool.close();
      expect(server.open).toBe(0);
    });

    test('an error of closing is reported, and the place is free', async () => {
      const error = new Error('cannot close');
      makePool({
        max: 1,
        close: (client) => {
          client.end();
          throw error;
        },
      });
      await run(() => {
        pool.put(pool.get(), { discard: true });
        expect(pool.use((client) => client.number)).toBe(2);
      });
      expect(reported).toEqual([['close', error]]);
    });
  });

  test('statistics count', async () => {
    makePool({ max: 2 });
    await run(() => {
      const { release, thread } = borrow();
      sleep(1);
      expect(pool.free()).toBe(1);
      expect(pool.statistics()).toEqual({ size: 1, idle: 0, inUse: 1, opening: 0, waiting: 0, opened: 1, closed: 0 });
      release();
      thread.wait();
    });
    await pool.close();
    expect(pool.statistics()).toMatchObject({ size: 0, opened: 1, closed: 1 });
    expect(pool.free()).toBe(0);
  });
});

test('wrong options are refused', () => {
  const connect = (): object => ({});
  expect(() => new DbPool({} as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  for (const limits of [{ max: 0 }, { min: 5, max: 4 }, { maxIdle: -1 }, { max: 1.5 }]) {
    expect(() => new DbPool({ connect, ...limits })).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  }
});

test('outside of a green thread get throws', () => {
  expect(() => new DbPool({ connect: () => ({}) }).get()).toThrow(
    expect.objectContaining({ code: 'ERR_VERDANT_NOT_GREEN' }),
  );
});
