import { type Dispatcher } from 'undici';
import { getHub } from '../../hub/registry';
import { type Timer } from '../../hub/timer_queue';
import { asThrown, timedOut } from './client_errors';
import { type RequestLimits } from './client_options';
import { type HttpClient } from './http_client';
import { type Upload } from './upload';

/** What one request is told, all defaults filled in. */
export interface ExchangeOptions extends RequestLimits {
  /** The name of the call in errors. */
  call: string;
  /** The client, unless a dispatcher of undici's was given in its place. */
  client: HttpClient | null;
  dispatcher: Dispatcher;
  upload: Upload | null;
}

/**
 * One request and its answer, from the call to the last byte of the body: what ends it from this side (the timeouts, the
 * signal, whoever gives up), and what has to be given back when it is over.
 */
export abstract class Exchange {
  protected readonly options: ExchangeOptions;
  /** Why it was ended from this side, or has failed. */
  failure: { error: unknown } | null = null;
  #over = false;
  #total: Timer | null = null;
  #phase: Timer | null = null;
  #active = 0;
  #unlisten: (() => void) | null = null;
  #leaveLine: (() => void) | null = null;
  #origin = '';
  #connected = false;

  constructor(options: ExchangeOptions) {
    this.options = options;
    const { call, timeout, signal } = options;
    if (signal?.aborted === true) throw signal.reason;
    if (timeout !== undefined && timeout !== Infinity) {
      this.#total = getHub().startTimer(timeout, () => this.abort(timedOut(call, `timed out after ${timeout} ms`)));
    }
    if (signal !== undefined) {
      const onAbort = (): void => this.abort(signal.reason);
      signal.addEventListener('abort', onAbort);
      this.#unlisten = () => signal.removeEventListener('abort', onAbort);
    }
  }

  /** Breaks the connection, or what there is of it, and wakes who waits. */
  protected abstract tearDown(error: unknown): void;

  get over(): boolean {
    return this.#over;
  }

  /** Ends it from this side. Idempotent; without effect when it is over. */
  abort(error: unknown): void {
    if (this.#over) return;
    this.failure = { error };
    if (this.#connected) this.options.client?.connections.aborted(this.#origin);
    this.finish();
    this.tearDown(error);
  }

  /** It is over, however it ended: nothing is left of it. */
  finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#total?.cancel();
    this.#phase?.cancel();
    this.#unlisten?.();
    this.#leaveLine?.();
    this.options.upload?.stop();
  }

  /** What to throw when something has failed with `error`. */
  thrown(error: unknown): unknown {
    if (this.failure !== null) return this.failure.error;
    const own = this.options.upload?.failure;
    return own === null || own === undefined ? asThrown(this.options.call, error) : own.error;
  }

  /** The time that one piece of the body may take. */
  get bodyTimeout(): number {
    return this.options.bodyTimeout ?? this.options.client?.bodyTimeout ?? 300_000;
  }

  // --- the way of a request through undici --------------------------------------------------------------------------

  /** It waits for a connection. */
  protected waitsForConnection(origin: unknown): void {
    const { client, connectTimeout = 0 } = this.options;
    this.#leaveLine?.();
    this.#connected = false;
    this.#origin = String(origin);
    this.#leaveLine = client?.connections.wait(this.#origin) ?? null;
    this.#limit(connectTimeout, `no connection after ${connectTimeout} ms`);
  }

  /**
   * It is about to be sent. Thrown out of undici's callback, the reason keeps a request from being sent that nobody wants any
   * more; to abort it there would cost the connection.
   */
  protected started(): void {
    if (this.failure !== null) throw this.failure.error;
    this.#leaveLine?.();
    this.#leaveLine = null;
    this.#connected = true;
    const limit = this.options.headersTimeout ?? this.options.client?.headersTimeout ?? 300_000;
    this.#limit(limit, `no answer after ${limit} ms`);
  }

  /** A piece of its body was sent. */
  protected sent(): void {
    this.#active = getHub().time();
  }

  /** The headers of the answer are there. */
  protected answered(): void {
    this.#limit(0, '');
  }

  #limit(ms: number, what: string): void {
    this.#phase?.cancel();
    this.#phase = null;
    if (ms === 0 || ms === Infinity || this.#over) return;
    const hub = getHub();
    this.#active = hub.time();
    const check = (): void => {
      const left = this.#active + ms - hub.time();
      if (left > 0) this.#phase = hub.startTimer(left, check);
      else this.abort(timedOut(this.options.call, what));
    };
    this.#phase = hub.startTimer(ms, check);
  }
}
