// DbPool with PostgreSQL and pg: a real server, real transactions, real disconnections.
import { Client } from 'pg';
import { type Blocking, run, sleep, spawn, wait, withTimeout } from 'verdant';
import { DbPool } from 'verdant/db';
import { describePostgres } from './support/servers';

describePostgres('with PostgreSQL', (port) => {
  let pool: DbPool<Client>;
  let reported: string[];

  async function connect(application = 'pool'): Promise<Client> {
    const settings = { host: '127.0.0.1', port: port(), user: 'verdant', database: 'postgres' };
    const client = new Client({ ...settings, application_name: application });
    await client.connect();
    return client;
  }

  /** Asks the server itself, by a connection that is none of the pool's. */
  async function connectionsOfPool(): Promise<number> {
    const client = await connect('observer');
    try {
      const { rows } = await client.query<{ count: number }>(
        "SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'pool'",
      );
      return rows[0]!.count;
    } finally {
      await client.end();
    }
  }

  function one(client: Blocking<Client>, text: string, values: unknown[] = []): unknown {
    return client.query(text, values).rows[0]!.value;
  }

  beforeEach(() => {
    reported = [];
    pool = new DbPool<Client>({
      connect: () => connect(),
      max: 4,
      onError: (_error, during) => reported.push(during),
    });
  });

  afterEach(async () => {
    await pool.close();
    // A backend of the server is gone a little after its client.
    while ((await connectionsOfPool()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test('many green threads share few connections, and each gets its own answer', async () => {
    await run(() => {
      const pids = new Set<unknown>();
      const threads = Array.from({ length: 60 }, (_, number) =>
        spawn(() =>
          pool.use((client) => {
            pids.add(one(client, 'SELECT pg_backend_pid() AS value'));
            return one(client, 'SELECT $1::int AS value', [number]);
          }),
        ),
      );
      expect(threads.map((thread) => thread.wait())).toEqual(threads.map((_, number) => number));
      expect(pids.size).toBeLessThanOrEqual(4);
      expect(wait(connectionsOfPool())).toBe(pool.statistics().size);
    });
  });

  test('a transaction left open is rolled back before anybody else gets the connection', async () => {
    await run(() => {
      pool.use((client) => client.query('CREATE TABLE left_open (n int)'));
      const pid = pool.use((client) => {
        client.query('BEGIN');
        client.query('INSERT INTO left_open VALUES (1)');
        return one(client, 'SELECT pg_backend_pid() AS value');
      });
      pool.use((client) => {
        expect(one(client, 'SELECT pg_backend_pid() AS value')).toBe(pid);
        expect(one(client, 'SELECT count(*)::int AS value FROM left_open')).toBe(0);
      });
    });
  });

  test('an error of the server is thrown as it is, and the connection is used again', async () => {
    await run(() => {
      const pid = pool.use((client) => one(client, 'SELECT pg_backend_pid() AS value'));
      expect(() =>
        pool.use((client) => {
          client.query('BEGIN');
          client.query('SELECT nonsense');
        }),
      ).toThrow(expect.objectContaining({ code: '42703' }));
      pool.use((client) => expect(one(client, 'SELECT pg_backend_pid() AS value')).toBe(pid));
    });
  });

  test('kills and timeouts at any moment lose no connection and mix up no answers', async () => {
    await run(() => {
      const threads = Array.from({ length: 80 }, (_, number) =>
        spawn(() => {
          for (let round = 0; round < 3; round += 1) {
            const wanted = number * 10 + round;
            withTimeout(
              number % 3 === 0 ? (number % 17) + 1 : null,
              () =>
                pool.use((client) => {
                  client.query('BEGIN');
                  const got = one(client, 'SELECT $1::int AS value, pg_sleep(0.002)', [wanted]);
                  expect(got).toBe(wanted);
                }),
              { value: undefined },
            );
          }
        }),
      );
      for (const [number, thread] of threads.entries()) {
        if (number % 4 !== 1) continue;
        sleep(1);
        thread.kill();
      }
      for (const thread of threads) {
        thread.join();
        if (thread.state === 'failed') throw thread.error;
      }
      const held = Array.from({ length: 4 }, () => pool.get({ timeout: 5_000 }));
      expect(pool.statistics()).toMatchObject({ size: 4, inUse: 4, waiting: 0 });
      expect(wait(connectionsOfPool())).toBe(4);
      for (const client of held) {
        expect(one(client, 'SELECT 7 AS value')).toBe(7);
        pool.put(client);
      }
      expect(reported).toEqual([]);
    });
  });

  test('a query that outlives its borrower by far is cut off, and the place is free', async () => {
    pool = new DbPool<Client>({
      connect: () => connect(),
      max: 1,
      cleanupTimeout: 50,
      onError: (_error, during) => reported.push(during),
    });
    await run(() => {
      const thread = spawn(() => pool.use((client) => client.query('SELECT pg_sleep(20)')));
      while (pool.statistics().inUse === 0) sleep(1);
      sleep(20);
      thread.kill();
      expect(pool.use((client) => one(client, 'SELECT 1 AS value'))).toBe(1);
      expect(reported[0]).toBe('cleanup');
    });
    // The server notices only when it writes: it is told.
    const observer = await connect('observer');
    await observer.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(20)%' AND pid <> pg_backend_pid()",
    );
    await observer.end();
  });

  test('a connection that the server ends while it is idle is not lent again', async () => {
    await run(() => {
      const pid = pool.use((client) => one(client, 'SELECT pg_backend_pid() AS value'));
      while (pool.statistics().idle === 0) sleep(1);
      const observer = wait(connect('observer'));
      wait(observer.query('SELECT pg_terminate_backend($1)', [pid]));
      wait(observer.end());
      while (pool.statistics().size > 0) sleep(1);
      pool.use((client) => expect(one(client, 'SELECT pg_backend_pid() AS value')).not.toBe(pid));
    });
  });

  test('a connection that the server ends while it is lent fails its query, and another takes its place', async () => {
    await run(() => {
      expect(() => pool.use((client) => client.query('SELECT pg_terminate_backend(pg_backend_pid())'))).toThrow(
        expect.objectContaining({ code: '57P01' }),
      );
      expect(pool.use((client) => one(client, 'SELECT 2 AS value'))).toBe(2);
    });
  });

  test('a server that is not there refuses the borrower', async () => {
    const nowhere = new DbPool<Client>({
      connect: async () => {
        const client = new Client({ host: '127.0.0.1', port: 1 });
        await client.connect();
        return client;
      },
    });
    await run(() => expect(() => nowhere.get()).toThrow(expect.objectContaining({ code: 'ECONNREFUSED' })));
    await nowhere.close();
  });
});
