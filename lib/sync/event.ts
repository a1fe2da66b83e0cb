import { VerdantError } from '../errors';
import { type BlockingOptions, park, type ParkOptions, requireGreen, validateBlockingOptions } from '../park';
import { WaitQueue } from '../wait_queue';
import { failAll, wakeAll } from './wake';

/** An event's counters at one moment. */
export interface EventStatistics {
  /** Whether a value or an error was sent. */
  ready: boolean;
  /** Green threads that wait for it. */
  waiting: number;
}

/**
 * A value, or an error, that is sent once and seen by everybody who waits, before or after. `reset` makes it good for another
 * one.
 *
 * Awaitable: `await event`, `Promise.race([event])`. A promise made from it follows Node's policy as any other: rejected, it
 * is reported unless somebody handles it. An error that nobody has asked for stays in the event, for who comes late, and is
 * reported to nobody. As everything with a `then`, an event that is returned from an async function, or from what `run`
 * calls, is waited for.
 *
 * The idea and the names are eventlet's.
 * @example
 * ```ts
 * import { Event, run, spawn } from 'verdant';
 *
 * await run(() => {
 *   const event = new Event<string>();
 *   const waiters = [1, 2].map((number) => spawn(() => `${number} ${event.wait()}`));
 *   setTimeout(() => event.send('seen'), 5);
 *   console.log(waiters.map((waiter) => waiter.wait()).join(', ')); // 1 seen, 2 seen
 * });
 * ```
 */
export class Event<T = unknown> implements PromiseLike<T> {
  #state: 'empty' | 'value' | 'error' = 'empty';
  #outcome: unknown;
  #promise: Promise<T> | null = null;
  #settle: { resolve: (value: T) => void; reject: (error: unknown) => void } | null = null;

  /** @internal Who waits for it. */
  readonly waiters = new WaitQueue();
  readonly #plain: ParkOptions = { queue: this.waiters };

  /**
   * Sends the value. Everybody who waits goes on at the hub's next turn, oldest first; nothing runs in here. Never blocks;
   * legal anywhere.
   * @param value - what `wait` returns
   * @throws `ERR_VERDANT_ALREADY_SENT` when something was sent already
   */
  send(...value: undefined extends T ? [value?: T] : [value: T]): void;
  send(value?: T): void {
    this.#set('value', value);
    wakeAll(this.waiters, value);
    this.#settle?.resolve(value as T);
    this.#settle = null;
  }

  /**
   * Sends an error: every `wait` throws it, as the same object. Otherwise as `send`.
   * @param error - what `wait` throws
   * @throws `ERR_VERDANT_ALREADY_SENT` when something was sent already
   */
  sendError(error: unknown): void {
    this.#set('error', error);
    failAll(this.waiters, () => error);
    this.#settle?.reject(error);
    this.#settle = null;
  }

  #set(state: 'value' | 'error', outcome: unknown): void {
    if (this.#state !== 'empty') {
      throw new VerdantError('ERR_VERDANT_ALREADY_SENT', 'The event was sent already: reset() it first');
    }
    this.#state = state;
    this.#outcome = outcome;
  }

  /**
   * Blocks until something is sent; does not wait when something was. Its timeout, its signal or a kill ends the wait too.
   * @param options - `timeout` in milliseconds; `signal`
   * @returns the value that was sent
   * @throws the error that was sent, as the same object; `ERR_VERDANT_TIMEOUT`; the signal's reason; a kill's reason;
   * `ERR_VERDANT_NOT_GREEN` outside a green thread
   */
  wait(options?: BlockingOptions): T {
    validateBlockingOptions(options);
    requireGreen('Event.wait()', 'await the event');
    if (options?.signal?.aborted === true) throw options.signal.reason;
    if (this.#state === 'value') return this.#outcome as T;
    if (this.#state === 'error') throw this.#outcome;
    // What was sent is handed over: a reset before the waiter runs takes nothing away.
    if (options === undefined) return park('Event.wait()', this.#plain) as T;
    const { timeout, signal } = options;
    return park('Event.wait()', { timeout, signal, queue: this.waiters }) as T;
  }

  /** True when a value or an error was sent. */
  ready(): boolean {
    return this.#state !== 'empty';
  }

  /** True when a value was sent. */
  hasResult(): boolean {
    return this.#state === 'value';
  }

  /** True when an error was sent. */
  hasError(): boolean {
    return this.#state === 'error';
  }

  /**
   * What `wait` would give, without waiting; legal anywhere.
   * @param notReady - returned when nothing was sent
   * @throws the error that was sent
   */
  poll<N = undefined>(notReady?: N): T | N {
    if (this.#state === 'error') throw this.#outcome;
    return this.pollResult(notReady);
  }

  /**
   * The value that was sent; legal anywhere.
   * @param notReady - returned when no value was sent
   */
  pollResult<N = undefined>(notReady?: N): T | N {
    return this.#state === 'value' ? (this.#outcome as T) : (notReady as N);
  }

  /**
   * The error that was sent, which is returned and not thrown; legal anywhere.
   * @param notReady - returned when no error was sent
   */
  pollError(notReady?: unknown): unknown {
    return this.#state === 'error' ? this.#outcome : notReady;
  }

  /**
   * Makes it as new, so that something can be sent again. Who was woken by what was sent before still gets that.
   * @throws `ERR_VERDANT_NOT_SENT` when nothing was sent: somebody may be waiting for it
   */
  reset(): void {
    if (this.#state === 'empty') throw new VerdantError('ERR_VERDANT_NOT_SENT', 'Nothing was sent: nothing to reset');
    this.#state = 'empty';
    this.#outcome = undefined;
    this.#promise = null;
  }

  /** What is sent, as a promise; as for every promise, see `Promise.prototype.then`. Makes the event awaitable. */
  then<T1 = T, T2 = never>(
    onfulfilled?: ((value: T) => T1 | PromiseLike<T1>) | null,
    onrejected?: ((reason: unknown) => T2 | PromiseLike<T2>) | null,
  ): Promise<T1 | T2> {
    this.#promise ??= new Promise<T>((resolve, reject) => {
      if (this.#state === 'value') resolve(this.#outcome as T);
      else if (this.#state === 'error') reject(this.#outcome);
      else this.#settle = { resolve, reject };
    });
    return this.#promise.then(onfulfilled, onrejected);
  }

  /** Counters. */
  statistics(): EventStatistics {
    return { ready: this.ready(), waiting: this.waiters.size };
  }

  static {
    Object.defineProperty(this.prototype, Symbol.toStringTag, { value: 'Event', configurable: true });
  }
}
