// DbPool with Redis and ioredis: blocking commands on connections of their own, disconnections, kills.
import { Redis } from 'ioredis';
import { run, sleep, spawn, wait } from 'verdant';
import { DbPool } from 'verdant/db';
import { describeRedis } from './support/servers';

/** What the tests use of a client; ioredis' own types have overloads with callbacks, which hide the others from a view. */
interface Commands {
  set(key: string, value: string): Promise<string>;
  get(key: string): Promise<string | null>;
  incr(key: string): Promise<number>;
  blpop(key: string, timeout: number): Promise<[string, string] | null>;
  rpush(key: string, value: string): Promise<number>;
  lrange(key: string, from: number, to: number): Promise<string[]>;
  ping(): Promise<string>;
}

describeRedis('with Redis', (port) => {
  let pool: DbPool<Commands>;

  async function connect(name = 'pool'): Promise<Redis> {
    const client = new Redis({
      host: '127.0.0.1',
      port: port(),
      lazyConnect: true,
      connectionName: name,
      retryStrategy: null,
    });
    await client.connect();
    return client;
  }

  /** The ids of the pool's connections, as the server knows them. */
  async function connectionsOfPool(): Promise<string[]> {
    const observer = await connect('observer');
    try {
      const list = (await observer.call('CLIENT', 'LIST')) as string;
      return list
        .split('\n')
        .flatMap((line) => (line.includes(' name=pool ') ? (/^id=(\d+)/.exec(line)?.[1] ?? []) : []));
    } finally {
      await observer.quit();
    }
  }

  beforeEach(() => {
    pool = new DbPool<Commands>({ connect: () => connect(), max: 3, cleanupTimeout: 100, onError: () => undefined });
  });

  afterEach(async () => {
    await pool.close();
    while ((await connectionsOfPool()).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test('commands block the calling green thread, and give their results', async () => {
    await run(() => {
      pool.use((client) => expect(client.set('a', '1')).toBe('OK'));
      const threads = Array.from({ length: 50 }, () => spawn(() => pool.use((client) => client.incr('a'))));
      const results = threads.map((thread) => thread.wait());
      expect(new Set(results).size).toBe(50);
      expect(pool.use((client) => client.get('a'))).toBe('51');
      expect(wait(connectionsOfPool()).length).toBeLessThanOrEqual(3);
    });
  });

  test('one that waits for an item holds up nobody else', async () => {
    await run(() => {
      const popper = spawn(() => pool.use((client) => client.blpop('list', 0)));
      while (pool.statistics().inUse === 0) sleep(1);
      pool.use((client) => client.rpush('list', 'item'));
      expect(popper.wait()).toEqual(['list', 'item']);
    });
  });

  test('a borrower that is killed while it waits for an item does not get it, and its place is free', async () => {
    await run(() => {
      const cleaned = new DbPool<Commands>({
        connect: () => connect(),
        max: 1,
        cleanupTimeout: 50,
        cleanup: (client) => client.ping(),
        onError: () => undefined,
      });
      const popper = spawn(() => cleaned.use((client) => client.blpop('other', 0)));
      while (cleaned.statistics().inUse === 0) sleep(1);
      sleep(10);
      popper.kill();
      popper.join();
      // The command cannot be taken back: the connection is cut, and the server forgets it.
      cleaned.use((client) => expect(client.rpush('other', 'kept')).toBe(1));
      while (wait(connectionsOfPool()).length > 1) sleep(5);
      cleaned.use((client) => expect(client.lrange('other', 0, -1)).toEqual(['kept']));
      wait(cleaned.close());
    });
  });

  test('a connection that the server ends while it is idle is not lent again', async () => {
    await run(() => {
      pool.use((client) => client.ping());
      while (pool.statistics().idle === 0) sleep(1);
      const [id] = wait(connectionsOfPool());
      const observer = wait(connect('observer'));
      wait(observer.call('CLIENT', 'KILL', 'ID', id!));
      wait(observer.quit());
      while (pool.statistics().size > 0) sleep(1);
      expect(pool.use((client) => client.ping())).toBe('PONG');
    });
  });
});
