import { clearTimeout, setTimeout } from 'node:timers';
import { type Blocking } from '../bridge/blocking';
import { adopt, isThenable, wait } from '../bridge/wait';
import { ClosedError, TimeoutError, VerdantError } from '../errors';
import { type GreenThread } from '../green_thread';
import { getHub } from '../hub/registry';
import { type BlockingOptions, park, requireGreen, validateBlockingOptions } from '../park';
import { spawn } from '../spawn';
import { Timeout } from '../timeout';
import { type ModuleProxy } from '../tpool/module_proxy';
import { Remote } from '../tpool/remote';
import { type Target } from '../tpool/target';
import { outOfRange, validateCount, validateFunction, validateMilliseconds, validateObject } from '../validate';
import { WaitQueue } from '../wait_queue';
import { Connection, rollback } from './connection';

/** What is done to a connection that is put back, on a green thread of the pool's. Throws: the connection is closed. */
export type Cleanup<C extends object> = (connection: Blocking<C>) => unknown;

/** What a pool is told beside how to connect. */
export interface DbPoolLimits<C extends object> {
  /** How many connections are kept although they are idle. Default 0. */
  min?: number | undefined;
  /** How many there may be at a time, with those that are being opened or closed. Default 4. */
  max?: number | undefined;
  /** Milliseconds after which an idle connection is closed. 0: at once. Default 10,000. */
  maxIdle?: number | undefined;
  /** Milliseconds after which a connection is closed when nobody uses it. 0: after each use. Default 30,000. */
  maxAge?: number | undefined;
  /** Milliseconds for opening a connection. Default 5,000. */
  connectTimeout?: number | undefined;
  /** Milliseconds for cleaning a connection, and for closing it; then it is cut off. Default 5,000. */
  cleanupTimeout?: number | undefined;
  /** What is done to each connection that is put back; null: nothing. Default: {@link rollback}. */
  cleanup?: Cleanup<C> | null | undefined;
  /** How to close one, in place of its `quit()`, `end()`, `close()`, `disconnect()` or `destroy()`. May block. */
  close?: ((connection: Blocking<C>) => unknown) | undefined;
  /**
   * Hears of errors that no caller gets: of cleaning and closing, and of connecting when nobody waits any more. Default: a
   * warning of the process.
   */
  onError?: ((error: unknown, during: 'connect' | 'cleanup' | 'close') => void) | undefined;
}

/** See {@link DbPool}. */
export interface DbPoolOptions<C extends object> extends DbPoolLimits<C> {
  /** Opens a connection: returns it or a promise of it, or blocks. The signal aborts when it has taken too long. */
  connect: (signal: AbortSignal) => C | PromiseLike<C>;
}

/** See {@link DbPool.threaded}. */
export interface ThreadedDbPoolOptions<T extends object> extends DbPoolLimits<ModuleProxy<T>> {
  /** Makes a connection of a blocking driver: a function, a class, or where to find one in a module. */
  driver: Target;
  /** Its arguments; copied. */
  args?: readonly unknown[] | undefined;
}

/** A pool's counters at one moment. */
export interface DbPoolStatistics {
  /** Connections there are, with those that are being opened, cleaned and closed. */
  size: number;
  /** Connections that wait to be lent. */
  idle: number;
  /** Connections that are lent. */
  inUse: number;
  /** Connections that are being opened. */
  opening: number;
  /** Green threads that wait for one. */
  waiting: number;
  /** Connections opened so far. */
  opened: number;
  /** Connections closed so far. */
  closed: number;
}

/** A connection for a scope, see {@link DbPool.hold}. */
export interface HeldConnection<C extends object> extends Disposable {
  /** Its methods block. */
  readonly connection: Blocking<C>;
}

/** For how many milliseconds one that is being cleaned is waited for before another is opened in its place. */
const cleaningGrace = 50;

/** setTimeout's longest. */
const longestDelay = 2 ** 31 - 1;

/**
 * Connections to a database, opened when they are needed, lent to one green thread at a time, and used again. For clients
 * that return promises (pg, mysql2, ioredis): their methods block on what is lent, as by `blocking()`. For drivers that block
 * see {@link DbPool.threaded}.
 *
 * Those who wait are served first come, first served, and a connection that comes back goes to the first of them at once.
 * Opening, cleaning and closing are done by green threads of the pool's own, so no kill, timeout or abort of a borrower can
 * interrupt them: a connection that was lent comes back, or its place does. Whoever was handed a connection gets it even if
 * a kill has overtaken it, and meets the kill at its next suspension.
 *
 * A client that says by an event that it has ended (`'error'`, `'end'`, `'close'`) is not lent again. The pool itself keeps
 * no process alive; open connections do.
 *
 * The idea is that of eventlet's db_pool.
 * @example
 * ```ts
 * import { run } from 'verdant';
 * import { DbPool } from 'verdant/db';
 *
 * class Client { // in earnest: new pg.Client(...)
 *   async query(text: string) { return { rows: [{ text }] }; }
 *   async end() {}
 * }
 * const pool = new DbPool({ connect: async () => new Client(), max: 2 });
 * await run(() => {
 *   const { rows } = pool.use((client) => client.query('SELECT 1'));
 *   console.log(rows[0].text); // SELECT 1
 * });
 * await pool.close();
 * ```
 */
export class DbPool<C extends object> {
  readonly #connect: DbPoolOptions<C>['connect'];
  readonly #min: number;
  readonly #max: number;
  readonly #maxIdle: number;
  readonly #maxAge: number;
  readonly #connectTimeout: number;
  readonly #cleanupTimeout: number;
  readonly #cleanup: Cleanup<C> | null;
  readonly #close: DbPoolLimits<C>['close'];
  readonly #onError: NonNullable<DbPoolLimits<C>['onError']>;

  // The last one put back is the first one lent, so that those too many grow old.
  readonly #idle: Connection<C>[] = [];
  readonly #lent = new Map<object, Connection<C>>();
  readonly #waiters = new WaitQueue();
  readonly #openers = new Set<GreenThread>();
  #backSoon = 0;
  #size = 0;
  #opened = 0;
  #closedCount = 0;
  #generation = 0;
  #sweeper: NodeJS.Timeout | null = null;
  #closed = false;
  readonly #ends: (() => void)[] = [];

  /** @param options - `connect`, and limits */
  constructor(options: DbPoolOptions<C>) {
    validateObject(options, 'options');
    validateFunction(options.connect, 'options.connect');
    const { min = 0, max = 4, cleanup = rollback, close, onError = warn } = options;
    validateCount(min, 'options.min');
    validateCount(max, 'options.max');
    if (max === 0) throw outOfRange('options.max', '>= 1', max);
    if (min > max) throw outOfRange('options.min', `<= ${max} (options.max)`, min);
    if (cleanup !== null) validateFunction(cleanup, 'options.cleanup');
    if (close !== undefined) validateFunction(close, 'options.close');
    validateFunction(onError, 'options.onError');
    this.#connect = options.connect;
    this.#min = min;
    this.#max = max;
    this.#maxIdle = milliseconds(options.maxIdle, 10_000, 'options.maxIdle');
    this.#maxAge = milliseconds(options.maxAge, 30_000, 'options.maxAge');
    this.#connectTimeout = milliseconds(options.connectTimeout, 5_000, 'options.connectTimeout');
    this.#cleanupTimeout = milliseconds(options.cleanupTimeout, 5_000, 'options.cleanupTimeout');
    this.#cleanup = cleanup;
    this.#close = close;
    this.#onError = onError;
  }

  /**
   * A pool for a driver that blocks: each connection lives on a worker thread of its own (see `Remote` of `verdant/tpool`),
   * and its methods block the calling green thread only.
   * @param options - `driver`, `args`, and limits
   * @example
   * ```ts
   * import { run } from 'verdant';
   * import { DbPool } from 'verdant/db';
   *
   * // In earnest: driver: { module: require.resolve('./my_sqlite'), name: 'open' }, args: ['data.db']
   * const driver = (name: string) => ({ query: (text: string) => `${name}: ${text}` });
   * const pool = DbPool.threaded<ReturnType<typeof driver>>({ driver, args: ['data'], cleanup: null });
   * await run(() => {
   *   console.log(pool.use((connection) => connection.query('SELECT 1'))); // data: SELECT 1
   * });
   * await pool.close();
   * ```
   */
  static threaded<T extends object>(options: ThreadedDbPoolOptions<T>): DbPool<ModuleProxy<T>> {
    validateObject(options, 'options');
    const { driver, args = [], ...limits } = options;
    const connect = (): ModuleProxy<T> => Remote.make<T>(driver as string, ...args).object;
    return new DbPool<ModuleProxy<T>>({ ...limits, connect });
  }

  /**
   * Borrows a connection; `put` it back. Blocks while there are none and no more may be opened, and while one is opened.
   * @param options - `timeout` in milliseconds, `signal`
   * @returns the connection, whose methods block
   * @throws what `connect` throws, for the first who waits then; `ERR_VERDANT_TIMEOUT` when the timeout comes first, or when
   * connecting takes longer than `connectTimeout`; the signal's reason; `ERR_VERDANT_CLOSED` when the pool is closed;
   * `ERR_VERDANT_NOT_GREEN` outside a green thread
   */
  get(options?: BlockingOptions): Blocking<C> {
    validateBlockingOptions(options);
    requireGreen('DbPool.get()');
    if (options?.signal?.aborted === true) throw options.signal.reason;
    if (this.#closed) throw new ClosedError('The pool of connections is closed');
    this.prune();
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      this.#provide();
      return this.#lend(idle);
    }
    return park('DbPool.get()', {
      ...options,
      queue: this.#waiters,
      keeps: true,
      subscribe: () => {
        this.#provide();
        return undefined;
      },
    }) as Blocking<C>;
  }

  /**
   * Gives a connection back. It is cleaned, and then it goes to the first who waits. Does not block, legal from anywhere.
   * @param connection - from `get`
   * @param options - `cleanup`: in place of the pool's, null for none; `discard`: true closes it
   * @throws `ERR_VERDANT_DB_FOREIGN` when it is not lent by this pool, or was put back already
   */
  put(connection: Blocking<C>, options: { cleanup?: Cleanup<C> | null; discard?: boolean } = {}): void {
    const { cleanup = this.#cleanup, discard = false } = options;
    if (cleanup !== null) validateFunction(cleanup, 'options.cleanup');
    const lent = this.#lent.get(connection);
    if (lent === undefined) {
      throw new VerdantError('ERR_VERDANT_DB_FOREIGN', 'This pool has not lent the connection, or has it back already');
    }
    this.#lent.delete(connection);
    if (discard || this.#isOver(lent)) this.#discard(lent);
    else if (cleanup === null) this.#offer(lent);
    else this.#clean(lent, cleanup);
  }

  /**
   * Borrows a connection for the time of a call.
   * @param fn - may block
   * @param options - as for `get` and `put`
   * @returns what `fn` returns
   * @throws what `get` and `fn` throw
   */
  use<R>(fn: (connection: Blocking<C>) => R, options: BlockingOptions & { cleanup?: Cleanup<C> | null } = {}): R {
    validateFunction(fn, 'fn');
    const connection = this.get(options);
    try {
      return fn(connection);
    } finally {
      this.put(connection, options);
    }
  }

  /**
   * Borrows a connection for a scope: `using held = pool.hold(); held.connection.query(...)`.
   * @param options - as for `get` and `put`
   * @throws as `get`
   */
  hold(options: BlockingOptions & { cleanup?: Cleanup<C> | null } = {}): HeldConnection<C> {
    const connection = this.get(options);
    let held = true;
    return {
      connection,
      [Symbol.dispose]: () => {
        if (held) this.put(connection, options);
        held = false;
      },
    };
  }

  /** Closes all idle connections now, and those that are lent when they are put back. Does not block. */
  clear(): void {
    this.#generation += 1;
    for (const idle of this.#idle.splice(0)) this.#discard(idle);
  }

  /** Closes the idle connections that have been idle or have lived for too long. It is done anyway, sooner or later. */
  prune(): void {
    for (const idle of this.#idle.filter((connection) => this.#isOver(connection) || this.#isTooIdle(connection))) {
      if (!this.#isOver(idle) && this.#size - this.#leaving <= this.#min) continue;
      this.#idle.splice(this.#idle.indexOf(idle), 1);
      this.#discard(idle);
    }
  }

  /**
   * Closes the pool: nobody gets a connection any more, those who wait get a `ClosedError`, idle connections are closed, and
   * those that are lent when they are put back. Legal from anywhere.
   * @returns a promise that is fulfilled when all are closed; `wait()` for it on a green thread
   */
  async close(): Promise<void> {
    this.#closed = true;
    for (let waiter = this.#waiters.first; waiter !== null; waiter = this.#waiters.first) {
      this.#waiters.remove(waiter);
      waiter.wakeWithError(new ClosedError('The pool of connections was closed'));
    }
    for (const opener of this.#openers) opener.kill();
    this.clear();
    this.#scheduleSweep();
    if (this.#size > 0) await new Promise<void>((resolve) => this.#ends.push(resolve));
  }

  /** How many connections could be had at once: idle ones, and those that may still be opened. */
  free(): number {
    return this.#closed ? 0 : this.#idle.length + this.#max - this.#size;
  }

  /** How many green threads wait for a connection. */
  waiting(): number {
    return this.#waiters.size;
  }

  /** The pool's counters. */
  statistics(): DbPoolStatistics {
    return {
      size: this.#size,
      idle: this.#idle.length,
      inUse: this.#lent.size,
      opening: this.#openers.size,
      waiting: this.#waiters.size,
      opened: this.#opened,
      closed: this.#closedCount,
    };
  }

  // Every connection is, at any moment, in one of these places: opening, idle, lent, being cleaned, leaving. `size` counts
  // them all, and each leaves its place by calling one of the methods below.

  #leaving = 0;

  // As many as are waited for, and at least `min`.
  #provide(): void {
    if (this.#closed) return;
    for (;;) {
      const wanted = this.#waiters.size > this.#openers.size + this.#backSoon || this.#size < this.#min;
      if (!wanted || this.#size >= this.#max) return;
      this.#size += 1;
      const opener: GreenThread = this.#serve('connect', () => this.#open(() => this.#openers.delete(opener)));
      this.#openers.add(opener);
      // Killed before it has started, it does not run.
      opener.onCleanup(() => {
        if (!opener.started) this.#notOpened(() => this.#openers.delete(opener));
      });
    }
  }

  #open(leave: () => void): void {
    let connection: Connection<C>;
    try {
      connection = this.#adopt(this.#connectInTime());
    } catch (error) {
      this.#notOpened(leave);
      if (this.#closed) return;
      const waiter = this.#waiters.first;
      if (waiter === null) {
        this.#report(error, 'connect');
      } else {
        this.#waiters.remove(waiter);
        waiter.wakeWithError(error);
      }
      if (this.#waiters.size > 0) this.#provide();
      return;
    }
    leave();
    this.#opened += 1;
    // Even if it is to live for no time, it is used once: else a pool of such connections would only ever open them.
    if (this.#closed || connection.broken) this.#discard(connection);
    else this.#give(connection);
  }

  #notOpened(leave: () => void): void {
    leave();
    this.#size -= 1;
    this.#tellEnd();
  }

  #connectInTime(): C {
    const controller = new AbortController();
    const late = new TimeoutError(`Connecting took longer than ${this.#connectTimeout} ms`);
    const timeout = new Timeout(this.#connectTimeout, late);
    let coming: Promise<C> | null = null;
    try {
      const result = this.#connect(controller.signal);
      if (!isThenable(result)) return validConnection(result);
      coming = adopt(result);
      return validConnection(wait(coming) as C);
    } catch (error) {
      controller.abort(error);
      // It may come all the same: then it is closed, and counts no more.
      coming?.then((connection) => this.#turnAway(connection), ignore);
      throw error;
    } finally {
      timeout.cancel();
    }
  }

  #turnAway(raw: unknown): void {
    if (typeof raw !== 'object' || raw === null) return;
    this.#serve('close', () => this.#end(this.#adopt(raw as C)));
  }

  #adopt(raw: C): Connection<C> {
    return new Connection(raw, getHub().time(), this.#generation, (connection) => {
      const at = this.#idle.indexOf(connection);
      if (at === -1) return; // it is looked at when it is put back
      this.#idle.splice(at, 1);
      this.#discard(connection);
    });
  }

  #clean(connection: Connection<C>, cleanup: Cleanup<C>): void {
    const noLongerSoon = this.#expectBackSoon();
    this.#serve('cleanup', () => {
      try {
        this.#inTime('Cleaning', () => cleanup(connection.view));
      } catch (error) {
        noLongerSoon();
        this.#discard(connection);
        this.#report(error, 'cleanup');
        return;
      }
      noLongerSoon();
      this.#offer(connection);
    });
  }

  // Who puts back and gets at once should not open a second one; but a query that goes on should hold up nobody for long.
  #expectBackSoon(): () => void {
    this.#backSoon += 1;
    const timer = getHub().startTimer(cleaningGrace, () => {
      this.#backSoon -= 1;
      this.#provide();
    });
    return () => {
      if (timer.pending) this.#backSoon -= 1;
      timer.cancel();
    };
  }

  // It can be used again.
  #offer(connection: Connection<C>): void {
    if (this.#isOver(connection)) {
      this.#discard(connection);
    } else {
      this.#give(connection);
    }
  }

  // To the first who waits, or else to the idle ones.
  #give(connection: Connection<C>): void {
    const waiter = this.#waiters.first;
    if (waiter !== null) {
      this.#waiters.remove(waiter);
      waiter.wake(this.#lend(connection));
      return;
    }
    connection.idleSince = getHub().time();
    this.#idle.push(connection);
    if (this.#maxIdle === 0) this.prune();
    this.#scheduleSweep();
  }

  #lend(connection: Connection<C>): Blocking<C> {
    this.#lent.set(connection.view, connection);
    return connection.view;
  }

  #discard(connection: Connection<C>): void {
    this.#leaving += 1;
    this.#serve('close', () => {
      this.#end(connection);
      this.#leaving -= 1;
      this.#size -= 1;
      this.#closedCount += 1;
      if (this.#waiters.size > 0) this.#provide();
      this.#tellEnd();
    });
  }

  #end(connection: Connection<C>): void {
    const { view, broken } = connection;
    connection.retire();
    try {
      const close = this.#close ?? (() => connection.close());
      this.#inTime('Closing', () => close(view));
    } catch (error) {
      connection.cut();
      if (!broken) this.#report(error, 'close'); // else that is no news
    }
  }

  #inTime(what: string, work: () => unknown): void {
    const late = new TimeoutError(`${what} a connection took longer than ${this.#cleanupTimeout} ms`);
    const timeout = new Timeout(this.#cleanupTimeout, late);
    try {
      wait(work());
    } finally {
      timeout.cancel();
    }
  }

  // The pool's own green threads: nobody can kill them, and what they do belongs to no borrower's context.
  #serve(what: string, work: () => void): GreenThread {
    return spawn({ name: `db pool: ${what}`, context: 'empty' }, work);
  }

  #report(error: unknown, during: 'connect' | 'cleanup' | 'close'): void {
    try {
      this.#onError(error, during);
    } catch (thrown) {
      void Promise.reject(thrown);
    }
  }

  // Whether nobody may get it any more.
  #isOver(connection: Connection<C>): boolean {
    if (this.#closed || connection.broken || connection.generation !== this.#generation) return true;
    return getHub().time() - connection.madeAt >= this.#maxAge;
  }

  #isTooIdle(connection: Connection<C>): boolean {
    return getHub().time() - connection.idleSince >= this.#maxIdle;
  }

  #tellEnd(): void {
    if (!this.#closed || this.#size > 0) return;
    for (const tell of this.#ends.splice(0)) tell();
  }

  // With one of Node's timers, which need not keep the process alive.
  #scheduleSweep(): void {
    if (this.#sweeper !== null) clearTimeout(this.#sweeper);
    this.#sweeper = null;
    const now = getHub().time();
    let due = Infinity;
    for (const { madeAt, idleSince } of this.#idle) {
      const idleUntil = this.#size - this.#leaving > this.#min ? idleSince + this.#maxIdle : Infinity;
      due = Math.min(due, madeAt + this.#maxAge, idleUntil);
    }
    if (due === Infinity) return;
    const delay = Math.min(Math.max(Math.ceil(due - now), 1), longestDelay);
    this.#sweeper = setTimeout(() => {
      this.prune();
      this.#scheduleSweep();
    }, delay).unref();
  }
}

function milliseconds(value: number | undefined, otherwise: number, name: string): number {
  if (value === undefined) return otherwise;
  validateMilliseconds(value, name);
  return value;
}

function validConnection<C>(connection: C): C {
  if (typeof connection === 'object' && connection !== null) return connection;
  throw new VerdantError('ERR_VERDANT_DB_CONNECT', 'connect() must return a connection, or a promise of one');
}

function warn(error: unknown, during: string): void {
  const message = error instanceof Error ? error.message : String(error);
  process.emitWarning(`A database connection's ${during} failed and it was closed: ${message}`, 'VerdantDbWarning');
}

function ignore(): void {
  // on purpose
}
