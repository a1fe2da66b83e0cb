import { AsyncResource } from 'node:async_hooks';
import { inspect } from 'node:util';
import { codeOf } from '../../errors';
import { GreenThread } from '../../green_thread';
import { getHub } from '../../hub/registry';
import { perWait } from '../../deadline';
import { type Address } from '../../net/address';
import { type Acceptor } from '../../net/serve';
import { type Socket } from '../../net/socket';
import { type BlockingOptions, park, validateBlockingOptions } from '../../park';
import { spawn } from '../../spawn';
import { validateMilliseconds, validateObject } from '../../validate';
import { WaitQueue } from '../../wait_queue';
import { wakeAll, wakeFirst } from '../../sync/wake';
import { methodOf } from '../parser';
import { type LogEntry } from './access_log';
import { Connection } from './connection';
import { type Exchange } from './exchange';
import { type ServerSettings } from './options';
import { type Handle, RequestThread } from './request_thread';
import { type Counters, type ServerCore } from './server_core';
import { TakenOver } from './taken_over';

/** What `HttpServer.close` may be told. */
export interface CloseOptions {
  /** How long what is in flight may take, in milliseconds, before it is cut. Default 30,000; Infinity: as long as it takes. */
  timeout?: number | undefined;
}

/** A request, or a connection that was taken over, that was cut by `close`. */
export interface CutRequest {
  /** The client's address. */
  remoteAddress: Address | undefined;
  /** The method. */
  method: string;
  /** The request's target. */
  url: string;
  /** `queued`: its handler had not begun; `running`; `upgraded`: its connection had been taken over. */
  state: 'queued' | 'running' | 'upgraded';
  /** Where its handler was parked: the frames of its stack; empty if it was not. */
  stack: string;
}

/** What has become of what was in flight when a server was closed. */
export interface CloseReport {
  /** Requests that were in flight, and were answered in time. */
  finished: number;
  /** Those that were not. */
  cut: CutRequest[];
}

/** A server's numbers. */
export interface HttpServerStats {
  /** Connections that are open. */
  connections: number;
  /** Those of them that wait for a request. */
  idle: number;
  /** Requests whose handlers run. */
  running: number;
  /** Requests that wait for a place. */
  queued: number;
  /** Connections that were taken over and are open. */
  upgraded: number;
  /** Connections accepted so far. */
  accepted: number;
  /** Requests handed to handlers so far. */
  requests: number;
  /** Requests that were refused before a handler saw them. */
  refused: number;
  /** Requests whose head, body or handler took too long. */
  timedOut: number;
  /** Requests answered with a 5xx because their handler failed. */
  failed: number;
  /** Requests whose client went away before it was answered. */
  aborted: number;
}

const closeCall = 'HttpServer.close()';
const drainCall = 'HttpServer.drain()';
const timedOut = Symbol('timed out');

/** Accepting that has failed is tried again after so many milliseconds, and after twice as many each time it fails again. */
const firstPause = 10;
const longestPause = 1000;

/** What is wrong with a listener that will never accept again. */
const hopeless: unknown[] = ['ERR_VERDANT_CLOSED', 'EBADF', 'EINVAL', 'ENOTSOCK'];

/** A server that `serve` has started. Its methods may be called from anywhere; those that block say so. */
export class HttpServer {
  readonly #core: Core;

  /** @internal Use `serve`. */
  constructor(listener: Acceptor & { address: Address; close(): void }, handle: Handle, settings: ServerSettings) {
    this.#core = new Core(listener, handle, settings);
    this.#core.start();
  }

  /** Where it listens. */
  get address(): Address {
    return this.#core.listener.address;
  }

  /** True once it accepts no more. */
  get closing(): boolean {
    return this.#core.closing;
  }

  /** Its numbers. */
  stats(): HttpServerStats {
    return this.#core.stats();
  }

  /**
   * Stops accepting, closes the connections that wait for a request, and blocks until those in flight have been answered
   * and what was taken over is closed. Nothing is cut: after a timeout it may be called again, or `close`.
   * @param options - `timeout` in milliseconds, `signal`
   * @throws `ERR_VERDANT_TIMEOUT`; the signal's reason; `ERR_VERDANT_NOT_GREEN`
   */
  drain(options?: BlockingOptions): void {
    validateBlockingOptions(options);
    this.#core.stop();
    const own = this.#core.ownExchange();
    const nextOptions = perWait(options);
    while (!this.#core.isEmptyBut(own)) park(drainCall, { ...nextOptions(), queue: this.#core.waiters });
  }

  /**
   * Ends the server: stops accepting (the listener is closed, whoever made it), closes idle connections, lets what is in
   * flight end, and cuts what has not ended in time: handlers are killed, connections broken. Nothing of it is left
   * afterwards. May be called several times.
   * @param options - `timeout` in milliseconds
   * @returns how many requests in flight were answered, and which were cut
   * @throws `ERR_VERDANT_NOT_GREEN`; elsewhere, use `closeAsync`
   */
  close(options: CloseOptions = {}): CloseReport {
    validateClose(options);
    const core = this.#core;
    const before = core.inFlight;
    core.stop();
    const own = core.ownExchange();
    const nextOptions = perWait({ timeout: options.timeout ?? 30_000 });
    try {
      while (!core.isEmptyBut(own)) {
        if (park(closeCall, { ...nextOptions(), queue: core.waiters, timeoutValue: timedOut }) === timedOut) break;
      }
    } catch (error) {
      core.cut(own);
      throw error;
    }
    const cut = core.cut(own);
    while (!core.isEmptyBut(own)) park(closeCall, { queue: core.waiters, deaf: true });
    return { finished: Math.max(0, before - cut.length), cut };
  }

  /**
   * As `close`, for plain and async code.
   * @param options - `timeout` in milliseconds
   */
  async closeAsync(options: CloseOptions = {}): Promise<CloseReport> {
    validateClose(options);
    return await spawn(() => this.close(options));
  }

  /** Closes it. For `using`, on a green thread. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes it. For `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeAsync();
  }
}

function validateClose(options: CloseOptions): void {
  validateObject(options, 'options');
  if (options.timeout !== undefined) validateMilliseconds(options.timeout, 'options.timeout');
}

class Core implements ServerCore {
  readonly counters: Counters = { accepted: 0, requests: 0, refused: 0, timedOut: 0, failed: 0, aborted: 0 };
  closing = false;
  /** Those who wait for the end of something in flight. */
  readonly waiters = new WaitQueue();
  readonly connections = new Set<Connection>();
  readonly takenOver = new TakenOver(() => this.changed());
  /** Requests for which there was no place yet. */
  readonly #queue = new Set<Exchange>();
  /** Those whose handlers run. */
  readonly #running = new Set<Exchange>();
  #feeder: GreenThread | null = null;
  #helpers = 0;
  /** Places that the pool has been asked for, and has not given. */
  #askedOfPool = 0;
  readonly #placesForConnections = new WaitQueue();
  /** The accepting thread, after accepting has failed. */
  readonly #pauses = new WaitQueue();
  /** What AsyncLocalStorage shows to handlers is what it showed to who started the server. */
  readonly #scope = new AsyncResource('VERDANT_HTTP_SERVER');

  constructor(
    readonly listener: Acceptor & { address: Address; close(): void },
    readonly handle: Handle,
    readonly settings: ServerSettings,
  ) {}

  // --- accepting ----------------------------------------------------------------------------------------------------

  start(): void {
    this.#help(() => this.#acceptAll(), 'http server');
  }

  #acceptAll(): void {
    let pause = firstPause;
    while (!this.closing && !this.listener.closed) {
      if (this.connections.size >= this.settings.maxConnections) {
        park('serve()', { queue: this.#placesForConnections });
        continue;
      }
      try {
        this.#accepted(this.listener.accept());
        pause = firstPause;
      } catch (error) {
        if (this.listener.closed || this.closing) break;
        this.report(error, null);
        if (hopeless.includes(codeOf(error))) break;
        // Who fails at once would be asked again for ever, and nothing else would run.
        park('serve()', { queue: this.#pauses, timeout: pause, timeoutValue: timedOut });
        pause = Math.min(2 * pause, longestPause);
      }
    }
    this.stop();
  }

  #accepted(socket: Socket): void {
    this.counters.accepted += 1;
    const connection = new Connection(this, socket);
    this.connections.add(connection);
    if (connection.wire.direct) connection.start();
    else this.runStep(() => this.#prepare(connection, socket));
  }

  // The handshake of TLS; who fails it has been told so by TLS.
  #prepare(connection: Connection, socket: Socket): void {
    try {
      this.listener.prepare?.(socket);
    } catch {
      connection.close();
      return;
    }
    if (this.closing) connection.close();
    else connection.start();
  }

  runStep(step: () => void): void {
    this.#help(step, 'http connection');
  }

  // A green thread that handles no request; the server is not closed before it has ended.
  #help(work: () => void, name: string): void {
    const helper = new GreenThread(work, [], null, { name });
    this.#helpers += 1;
    helper.onCleanup(() => {
      this.#helpers -= 1;
      if (this.waiters.first !== null) this.changed();
    });
    helper.start();
  }

  closed(connection: Connection): void {
    this.connections.delete(connection);
    wakeFirst(this.#placesForConnections, undefined);
    connection.exchange?.clientGone();
    this.changed();
  }

  /** A handler has the socket now. */
  taken(connection: Connection, exchange: Exchange): void {
    this.connections.delete(connection);
    this.takenOver.add(connection.socket, exchange);
    wakeFirst(this.#placesForConnections, undefined);
  }

  // --- requests -----------------------------------------------------------------------------------------------------

  dispatch(exchange: Exchange): void {
    this.counters.requests += 1;
    if (this.settings.pool !== undefined) {
      this.#enqueue(exchange);
      this.#feedPool();
    } else if (this.#running.size >= this.settings.concurrency) {
      this.#enqueue(exchange);
    } else {
      this.#begin(exchange);
    }
  }

  // Whoever goes away while waiting in line is not served.
  #enqueue(exchange: Exchange): void {
    this.#queue.add(exchange);
    exchange.connection.watch();
  }

  #begin(exchange: Exchange): void {
    this.#enter(exchange);
    this.#scope.runInAsyncScope(startThread, undefined, this.handle, exchange);
  }

  // The pool makes who wants a place wait, so that needs a green thread: one for all that wait.
  #feedPool(): void {
    if (this.#feeder !== null || this.#queue.size <= this.#askedOfPool) return;
    const feeder = this.#scope.runInAsyncScope(() => new GreenThread(() => this.#askPool(), [], null));
    this.#feeder = feeder;
    feeder.onCleanup(() => {
      this.#feeder = null;
      this.changed();
    });
    feeder.start();
  }

  #askPool(): void {
    while (this.#queue.size > this.#askedOfPool) {
      let exchange: Exchange | undefined;
      let asked = true;
      const answered = (): void => {
        if (asked) this.#askedOfPool -= 1;
        asked = false;
      };
      this.#askedOfPool += 1;
      let thread: GreenThread;
      try {
        thread = this.settings.pool!.spawn(() => {
          answered();
          exchange = this.#takeQueued(); // the first in line, which may be another one by now
          if (exchange === undefined) return;
          this.#enter(exchange);
          exchange.thread = getHub().current as GreenThread;
          this.handle(exchange);
        });
      } catch (error) {
        answered();
        throw error;
      }
      thread.onCleanup(() => {
        answered();
        exchange?.over();
        this.#feedPool();
      });
    }
  }

  #enter(exchange: Exchange): void {
    this.#running.add(exchange);
    exchange.begun = true;
    exchange.connection.handled();
  }

  #takeQueued(): Exchange | undefined {
    const [next] = this.#queue;
    if (next !== undefined) this.#queue.delete(next);
    return next;
  }

  over(exchange: Exchange): void {
    this.#queue.delete(exchange);
    this.#running.delete(exchange);
    if (this.settings.log !== undefined) this.#log(exchange);
    if (this.#queue.size > 0 && this.settings.pool === undefined && this.#running.size < this.settings.concurrency) {
      const next = this.#takeQueued();
      if (next !== undefined) this.#begin(next);
    }
    if (this.waiters.first !== null) this.changed();
  }

  refused(connection: Connection, status: number): void {
    this.counters.refused += 1;
    const { log } = this.settings;
    if (log === undefined) return;
    const { remoteAddress } = connection.socket;
    const nothing = { method: '', url: '', httpVersion: '', bytes: 0, duration: 0, complete: true };
    this.#tell(log, { ...nothing, ...ends(remoteAddress), time: Date.now(), status });
  }

  #log(exchange: Exchange): void {
    const { status, bytes, flags, target, remoteAddress } = exchange;
    const duration = getHub().time() - exchange.since;
    this.#tell(this.settings.log!, {
      time: Date.now() - duration,
      ...ends(remoteAddress),
      method: methodOf(flags),
      url: target,
      httpVersion: exchange.request.httpVersion,
      status,
      bytes,
      duration,
      complete: exchange.answered,
    });
  }

  #tell(log: (entry: LogEntry) => void, entry: LogEntry): void {
    try {
      log(entry);
    } catch (error) {
      void Promise.reject(error);
    }
  }

  report(error: unknown, exchange: Exchange | null): unknown {
    const { onError } = this.settings;
    if (onError === undefined) {
      const what = exchange === null ? 'An HTTP server' : `The handler of ${exchange.method} ${exchange.target}`;
      process.stderr.write(`${what} failed: ${inspect(error)}\n`);
      return undefined;
    }
    try {
      return onError(error, exchange?.request ?? null);
    } catch (second) {
      void Promise.reject(second);
      return undefined;
    }
  }

  // --- the end ------------------------------------------------------------------------------------------------------

  /** Requests that have not been answered, and connections that were taken over. */
  get inFlight(): number {
    let busy = this.takenOver.size + this.#queue.size;
    for (const { taken } of this.#running) if (!taken) busy += 1;
    return busy;
  }

  /** The request that the running green thread handles: who closes the server must not wait for itself. */
  ownExchange(): Exchange | null {
    const { current } = getHub();
    for (const exchange of this.#running) if (exchange.thread === current) return exchange;
    return null;
  }

  /** Whether nothing is left, but for one request and its connection. */
  isEmptyBut(own: Exchange | null): boolean {
    const connections = own !== null && this.connections.has(own.connection) ? 1 : 0;
    const running = own !== null && this.#running.has(own) ? 1 : 0;
    return (
      this.connections.size === connections &&
      this.#running.size === running &&
      this.#queue.size === 0 &&
      this.#feeder === null &&
      this.#helpers === 0 &&
      this.takenOver.size === 0
    );
  }

  changed(): void {
    wakeAll(this.waiters, undefined);
  }

  stop(): void {
    if (!this.closing) {
      this.closing = true;
      this.listener.close();
      wakeAll(this.#placesForConnections, undefined);
      wakeAll(this.#pauses, undefined);
    }
    for (const connection of this.connections) connection.closeIfIdle();
  }

  cut(own: Exchange | null): CutRequest[] {
    const cut = this.takenOver.cut();
    this.#feeder?.kill();
    for (const exchange of [...this.#running, ...this.#queue]) {
      if (exchange === own) continue;
      if (!exchange.taken) cut.push({ ...describe(exchange), stack: exchange.thread?.stack ?? '' });
      exchange.cutOff();
    }
    for (const connection of [...this.connections]) {
      if (connection !== own?.connection) connection.close(connection.exchange !== null);
    }
    return cut;
  }

  stats(): HttpServerStats {
    let idle = 0;
    for (const { exchange } of this.connections) if (exchange === null) idle += 1;
    return {
      connections: this.connections.size,
      idle,
      running: this.#running.size,
      queued: this.#queue.size,
      upgraded: this.takenOver.size,
      ...this.counters,
    };
  }
}

function startThread(handle: Handle, exchange: Exchange): void {
  new RequestThread(handle, exchange).start();
}

function ends(address: Address | undefined): { remoteAddress: string; remotePort: number } {
  return { remoteAddress: address?.host ?? '', remotePort: address?.port ?? 0 };
}

function describe(exchange: Exchange): Omit<CutRequest, 'stack'> {
  const { remoteAddress, method, target, begun } = exchange;
  return { remoteAddress, method, url: target, state: begun ? 'running' : 'queued' };
}
