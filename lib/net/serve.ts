import { isThenable, wait } from '../bridge/wait';
import { codeOf, isGreenExit, VerdantError } from '../errors';
import { type GreenThread } from '../green_thread';
import { park, requireGreen } from '../park';
import { type ReadinessOptions } from '../readiness';
import { spawn } from '../spawn';
import {
  invalidType,
  outOfRange,
  validateFunction,
  validateMilliseconds,
  validateObject,
  validateSignal,
} from '../validate';
import { WaitQueue } from '../wait_queue';
import { type Address } from './address';
import { perWait } from '../deadline';
import { type Socket } from './socket';

const call = 'serve()';
const timedOut = Symbol('timed out');

/** Thrown by a handler to end `serve` in order. */
export class StopServe extends VerdantError {
  /** @param message - why */
  constructor(message = 'The server was told to stop') {
    super('ERR_VERDANT_STOP_SERVE', message);
  }

  static {
    this.prototype.name = 'StopServe';
  }
}

/** What `serve` takes connections from: a `Listener` of any kind. */
export interface Acceptor<S extends Socket = Socket> {
  /** True: there will be no more. */
  readonly closed: boolean;
  /** Waits for a connection. */
  accept(options?: ReadinessOptions): S;
  /**
   * Done on the connection's own green thread before the handler is called: a handshake. `ERR_VERDANT_TLS_HANDSHAKE` ends the
   * connection only, and is told to `onError`, if there is one.
   */
  prepare?(socket: S): void;
  /** Calls back when it is closed, unless what this returns is called before: `serve` does not always accept. */
  whenClosed?(callback: () => void): () => void;
}

/** Speaks to one client, on a green thread of its own. The socket is closed when it is done, whatever the outcome. */
export type Handler<S extends Socket = Socket> = (socket: S, remoteAddress: Address | undefined) => unknown;

/** What `serve` may be told. */
export interface ServeOptions<S extends Socket = Socket> {
  /** At most so many handlers at a time; then no connection is accepted until one is done. Default 1000. */
  concurrency?: number | undefined;
  /**
   * What a handler has thrown. Without it, the first error ends `serve`. Also told of TLS handshakes that failed, which end
   * nothing but their connection: `ERR_VERDANT_TLS_HANDSHAKE`.
   */
  onError?: ((error: unknown, socket: S) => void) | undefined;
  /** Abort stops accepting; `serve` throws the signal's reason when the handlers are done. */
  signal?: AbortSignal | undefined;
  /** How long handlers may go on when accepting has stopped, before they are killed; milliseconds, default 1000. */
  stopTimeout?: number | undefined;
}

/**
 * Accepts connections and hands each to `handler` on a green thread of its own, until something ends it:
 * - a handler throws `StopServe`, or the listener is closed: it returns;
 * - `signal` aborts: it throws the signal's reason;
 * - a handler throws anything else and there is no `onError`: it throws that error;
 * - its own green thread is killed: the handlers are killed too.
 *
 * In the first three cases the handlers that run may go on for `stopTimeout`, and are killed then; nothing is left running
 * when `serve` is over. The listener stays open; it is the caller's.
 * @param listener - from `listen` or `tls.listen`
 * @param handler - gets the connection and the client's address
 * @param options - `concurrency`, `onError`, `signal`, `stopTimeout`
 * @throws see above; `ERR_VERDANT_NOT_GREEN`
 * @example
 * ```ts
 * import { run, spawn } from 'verdant';
 * import { connect, listen, serve, StopServe } from 'verdant/net';
 *
 * await run(() => {
 *   using listener = listen('127.0.0.1:0');
 *   const server = spawn(() => serve(listener, (socket) => {
 *     for (const line of socket.lines()) {
 *       if (line === 'stop') throw new StopServe();
 *       socket.sendAll(`${line}\n`);
 *     }
 *   }));
 *   using client = connect(listener.address);
 *   client.sendAll('hello\nstop\n');
 *   console.log(client.recvLine()); // hello
 *   server.wait();
 * });
 * ```
 */
export function serve<S extends Socket = Socket>(
  listener: Acceptor<S>,
  handler: Handler<S>,
  options: ServeOptions<S> = {},
): void {
  validateServe(listener, handler, options);
  requireGreen(call);
  const server = new Server<S>(listener, handler, options);
  try {
    server.acceptAll();
    server.drain(options.stopTimeout ?? 1000);
  } finally {
    server.killAll();
  }
  server.conclude();
}

class Server<S extends Socket> {
  readonly #listener: Acceptor<S>;
  readonly #handler: Handler<S>;
  readonly #onError: ((error: unknown, socket: S) => void) | undefined;
  readonly #concurrency: number;
  readonly #running = new Set<GreenThread>();
  /** Where the accepting thread waits for a handler to be done. */
  readonly #waiting = new WaitQueue();
  /** Aborted when accepting is to stop, for whatever reason. */
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal | undefined;
  #failure: { error: unknown } | null = null;

  constructor(listener: Acceptor<S>, handler: Handler<S>, options: ServeOptions<S>) {
    this.#listener = listener;
    this.#handler = handler;
    this.#onError = options.onError;
    this.#concurrency = options.concurrency ?? 1000;
    this.#signal = options.signal;
  }

  acceptAll(): void {
    const forward = (): void => this.#fail(this.#signal!.reason);
    if (this.#signal?.aborted === true) throw this.#signal.reason;
    this.#signal?.addEventListener('abort', forward);
    const unwatch = this.#listener.whenClosed?.(() => this.#wake());
    try {
      while (!this.#stop.signal.aborted && !this.#listener.closed) this.#acceptOne();
    } catch (error) {
      const stopped = this.#stop.signal.aborted && error === this.#stop.signal.reason;
      const closed = this.#listener.closed && codeOf(error) === 'ERR_VERDANT_CLOSED';
      if (!stopped && !closed) throw error;
    } finally {
      this.#signal?.removeEventListener('abort', forward);
      unwatch?.();
    }
  }

  #acceptOne(): void {
    if (this.#running.size >= this.#concurrency) {
      park(call, { queue: this.#waiting, signal: this.#stop.signal });
      return;
    }
    const socket = this.#listener.accept({ signal: this.#stop.signal });
    const thread = spawn((accepted: S) => this.#handle(accepted), socket);
    this.#running.add(thread);
    // It may be killed before it has begun.
    thread.onCleanup(() => {
      socket.close();
      this.#running.delete(thread);
      this.#wake();
    });
  }

  #wake(): void {
    const { first } = this.#waiting;
    if (first === null) return;
    this.#waiting.remove(first);
    first.wake(undefined);
  }

  #handle(socket: S): void {
    try {
      if (!this.#prepare(socket)) return;
      const result = this.#handler(socket, socket.remoteAddress);
      if (isThenable(result)) wait(result);
    } catch (error) {
      if (isGreenExit(error)) throw error;
      if (codeOf(error) === 'ERR_VERDANT_STOP_SERVE') this.#stop.abort();
      else this.#report(error, socket);
    }
  }

  // False when the client has failed: that ends its connection, and never the server.
  #prepare(socket: S): boolean {
    try {
      this.#listener.prepare?.(socket);
      return true;
    } catch (error) {
      if (codeOf(error) !== 'ERR_VERDANT_TLS_HANDSHAKE') throw error;
      if (this.#onError !== undefined) this.#report(error, socket);
      return false;
    }
  }

  #report(error: unknown, socket: S): void {
    if (this.#onError === undefined) {
      this.#fail(error);
      return;
    }
    try {
      this.#onError(error, socket);
    } catch (second) {
      this.#fail(second);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#stop.abort();
  }

  /** Gives the handlers some time to be done. */
  drain(timeout: number): void {
    const nextOptions = perWait({ timeout });
    while (this.#running.size > 0) {
      const outcome = park(call, { ...nextOptions(), queue: this.#waiting, timeoutValue: timedOut });
      if (outcome === timedOut) return;
    }
  }

  /** Ends those that are left, also when this thread is itself being killed. */
  killAll(): void {
    for (const thread of this.#running) thread.kill();
    while (this.#running.size > 0) park(call, { queue: this.#waiting, deaf: true });
  }

  conclude(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}

function validateServe(listener: unknown, handler: unknown, options: ServeOptions<never>): void {
  if (typeof (listener as Acceptor | null)?.accept !== 'function') {
    throw invalidType('listener', 'a Listener', listener);
  }
  validateFunction(handler, 'handler');
  validateObject(options, 'options');
  const { concurrency, onError, signal, stopTimeout } = options;
  if (concurrency !== undefined && (typeof concurrency !== 'number' || !(concurrency >= 1))) {
    throw outOfRange('options.concurrency', '>= 1', concurrency);
  }
  if (onError !== undefined) validateFunction(onError, 'options.onError');
  if (signal !== undefined) validateSignal(signal, 'options.signal');
  if (stopTimeout !== undefined) validateMilliseconds(stopTimeout, 'options.stopTimeout');
}
