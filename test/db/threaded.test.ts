// DbPool.threaded: connections of blocking drivers, each on a worker thread of its own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, sleep, spawn } from 'verdant';
import { DbPool } from 'verdant/db';
import { type ModuleProxy } from 'verdant/tpool';
import { nodeMajor } from '../support/children';

interface Driver {
  begin(): void;
  insert(n: number): void;
  commit(): void;
  rollback(): void;
  all(): number[];
  slowly(ms: number): number;
  waitFor(cell: Int32Array): void;
  thread(): number;
  die(): void;
  close(): void;
}

const driver = { module: join(__dirname, 'support/blocking_driver.cjs'), name: 'open' };

let directory: string;
let file: string;
let pool: DbPool<ModuleProxy<Driver>>;

function makePool(options: { max?: number; args?: unknown[]; cleanupTimeout?: number } = {}): void {
  pool = DbPool.threaded<Driver>({ driver, args: [file], onError: () => undefined, ...options });
}

describe('with a blocking driver,', () => {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'verdant-db-'));
    file = join(directory, 'numbers');
  });
  afterEach(async () => {
    await pool.close();
    rmSync(directory, { recursive: true });
  });

  test('calls hold up the calling green thread only, and connections work side by side', async () => {
    makePool({ max: 2 });
    await run(() => {
      const cell = new Int32Array(new SharedArrayBuffer(4));
      const numbers = new Set<number>();
      const threads = [1, 2].map(() =>
        spawn(() =>
          pool.use((connection) => {
            numbers.add(connection.thread());
            connection.waitFor(cell);
          }),
        ),
      );
      // They would wait for ever if they held up this green thread, or each other.
      while (numbers.size < 2) sleep(1);
      sleep(5);
      Atomics.store(cell, 0, 1);
      Atomics.notify(cell, 0);
      for (const thread of threads) thread.wait();
      expect(numbers.size).toBe(2);
    });
  });

  test('what was left half done is rolled back', async () => {
    makePool({ max: 1 });
    await run(() => {
      pool.use((connection) => {
        connection.begin();
        connection.insert(1);
      });
      pool.use((connection) => {
        connection.begin();
        connection.insert(2);
        connection.commit();
        expect(connection.all()).toEqual([2]);
      });
    });
  });

  test('a borrower that is killed in a call leaves the connection whole', async () => {
    makePool({ max: 1 });
    await run(() => {
      const before = pool.use((connection) => connection.thread());
      const thread = spawn(() =>
        pool.use((connection) => {
          connection.begin();
          connection.insert(1);
          connection.slowly(60);
        }),
      );
      while (pool.statistics().inUse === 0) sleep(1);
      sleep(20);
      thread.kill();
      thread.join();
      pool.use((connection) => {
        expect(connection.thread()).toBe(before);
        expect(connection.all()).toEqual([]);
      });
    });
  });

  test('a call that goes on for too long after that costs the thread, not the place', async () => {
    makePool({ max: 1, cleanupTimeout: 50 });
    await run(() => {
      const before = pool.use((connection) => connection.thread());
      const thread = spawn(() => pool.use((connection) => connection.slowly(60_000)));
      while (pool.statistics().inUse === 0) sleep(1);
      sleep(10);
      thread.kill();
      expect(pool.use((connection) => connection.thread())).not.toBe(before);
    });
  });

  test('a thread that dies is replaced', async () => {
    makePool({ max: 1 });
    await run(() => {
      expect(() => pool.use((connection) => connection.die())).toThrow(
        expect.objectContaining({ code: 'ERR_VERDANT_WORKER_DIED' }),
      );
      expect(pool.use((connection) => connection.all())).toEqual([]);
    });
  });

  test('an error of opening goes to the borrower', async () => {
    makePool({ args: [file, { refuse: true }] });
    await run(() => {
      expect(() => pool.get()).toThrow(expect.objectContaining({ code: 'ERR_CANNOT_OPEN' }));
      expect(pool.statistics().size).toBe(0);
    });
  });

  test('closing lets the driver say goodbye', async () => {
    makePool();
    await run(() => pool.use((connection) => connection.all()));
    await pool.close();
    expect(readFileSync(`${file}.closed`, 'utf8')).toBe('.');
  });
});

// Node 20 has no SQLite.
const withSqlite = nodeMajor >= 24 ? describe : describe.skip;

withSqlite('with the SQLite of Node 24 and later,', () => {
  interface Sqlite {
    exec(sql: string): void;
    all(sql: string, ...values: unknown[]): { n: number }[];
    rollback(): void;
    close(): void;
  }

  test('many green threads write through few connections, and what is left open is rolled back', async () => {
    directory = mkdtempSync(join(tmpdir(), 'verdant-db-'));
    const sqlite = { module: join(__dirname, 'support/sqlite_driver.cjs'), name: 'open' };
    const numbers = DbPool.threaded<Sqlite>({ driver: sqlite, args: [join(directory, 'numbers.db')], max: 2 });
    await run(() => {
      numbers.use((connection) => connection.exec('CREATE TABLE numbers (n INTEGER)'));
      const threads = Array.from({ length: 20 }, (_, n) =>
        spawn(() =>
          numbers.use((connection) => {
            connection.exec('BEGIN IMMEDIATE');
            connection.all('INSERT INTO numbers VALUES (?)', n);
            if (n % 2 === 0) connection.exec('COMMIT');
          }),
        ),
      );
      for (const thread of threads) thread.wait();
      const rows = numbers.use((connection) => connection.all('SELECT n FROM numbers ORDER BY n'));
      expect(rows.map(({ n }) => n)).toEqual(threads.map((_, n) => n).filter((n) => n % 2 === 0));
    });
    await numbers.close();
    rmSync(directory, { recursive: true });
  });
});
