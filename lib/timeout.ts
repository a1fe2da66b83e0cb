import { codeOf, TimeoutError } from './errors';
import { type GreenThread, type Pending } from './green_thread';
import { getHub } from './hub/registry';
import { type Timer } from './hub/timer_queue';
import { requireGreen } from './park';
import { invalidType, validateFunction, validateMilliseconds } from './validate';

/** What a `Timeout` throws: an error, a class that makes one, or (true, null, undefined) itself. */
export type TimeoutReason = Error | (new () => unknown) | true | null | undefined;

/**
 * Throws itself into the green thread that made it, at whatever it is suspended in, unless it is cancelled or disposed of
 * in time. Starts at construction. Each is an error of its own, so nested ones are told apart by identity:
 * `catch (error) { if (error !== timeout) throw error; }`.
 *
 * A thread that is running when the time is up gets it at its next suspension. The idea is eventlet's.
 * @example
 * ```ts
 * import { run, sleep, Timeout } from 'verdant';
 *
 * await run(() => {
 *   const timeout = new Timeout(10);
 *   try {
 *     sleep(1000);
 *   } catch (error) {
 *     console.log(error === timeout); // true
 *   } finally {
 *     timeout.cancel();
 *   }
 * });
 * ```
 */
export class Timeout extends TimeoutError {
  /** Milliseconds from construction; null for a timeout that never fires. */
  readonly ms: number | null;
  /** `run` and `withTimeout` swallow it. */
  readonly silent: boolean;
  #timer: Timer | null = null;
  #thread: GreenThread | null = null;
  #sent: Pending | null = null;

  /**
   * @param ms - milliseconds from now; null, undefined and Infinity never fire
   * @param error - thrown in place of the timeout itself
   * @param options - `silent`: `run()` returns undefined in place of throwing it
   * @throws `ERR_VERDANT_NOT_GREEN` outside a green thread
   */
  constructor(ms?: number | null, error?: TimeoutReason, options?: { silent?: boolean }) {
    super(typeof ms === 'number' ? `Timed out after ${ms} ms` : 'A timeout that never fires');
    this.ms = ms ?? null;
    this.silent = options?.silent ?? false;
    if (ms === null || ms === undefined || ms === Infinity) return;
    validateMilliseconds(ms, 'ms');
    validateReason(error);
    const thread = requireGreen('new Timeout()', 'use AbortSignal.timeout()');
    this.#thread = thread;
    this.#timer = getHub().startTimer(ms, () => {
      this.#sent = thread.interrupt(makeReason(error) ?? this);
    });
  }

  /** True until it has fired or was cancelled. */
  get pending(): boolean {
    return this.#timer?.pending ?? false;
  }

  /** Takes it back, also when it has fired but the thread has not met it yet. */
  cancel(): void {
    this.#timer?.cancel();
    if (this.#sent !== null) this.#thread?.forgive(this.#sent);
    this.#sent = null;
    this.#thread = null;
  }

  /**
   * Calls `fn` and cancels the timeout when it is done. If the timeout is silent and ended it, returns undefined.
   * @param fn - may block
   */
  run<R>(fn: () => R): R | undefined {
    validateFunction(fn, 'fn');
    try {
      return fn();
    } catch (error) {
      if (this.silent && this.isMine(error)) return undefined;
      throw error;
    } finally {
      this.cancel();
    }
  }

  /** @internal Whether `error` is what this timeout threw. */
  isMine(error: unknown): boolean {
    return this.#sent !== null && this.#sent.error === error;
  }

  /** As `cancel()`. For `using`. */
  [Symbol.dispose](): void {
    this.cancel();
  }

  /** So that code which cannot import verdant can recognise it. */
  readonly isTimeout = true;

  static {
    this.prototype.name = 'Timeout';
  }
}

/**
 * Calls `fn` with a limit on the time it may take on this green thread.
 * @param ms - milliseconds; null never ends it
 * @param fn - may block
 * @param options - `value`: returned when the time is up, in place of throwing
 * @returns what `fn` returns, or `options.value`
 * @throws a `Timeout` (`ERR_VERDANT_TIMEOUT`) when the time is up and no `value` is given; timeouts of outer scopes pass
 * through; `ERR_VERDANT_NOT_GREEN` outside a green thread
 * @example
 * ```ts
 * import { run, sleep, withTimeout } from 'verdant';
 *
 * console.log(await run(() => withTimeout(10, () => { sleep(1000); return 'done'; }, { value: 'too late' }))); // too late
 * ```
 */
export function withTimeout<R, V = never>(ms: number | null, fn: () => R, options?: { value?: V }): R | V {
  validateFunction(fn, 'fn');
  const timeout = new Timeout(ms);
  try {
    return fn();
  } catch (error) {
    if (options !== undefined && 'value' in options && timeout.isMine(error)) return options.value as V;
    throw error;
  } finally {
    timeout.cancel();
  }
}

/** True for every timeout of verdant's, and for any object with a truthy `isTimeout` (see `Timeout.isTimeout`). */
export function isTimeout(error: unknown): boolean {
  if (codeOf(error) === 'ERR_VERDANT_TIMEOUT') return true;
  return typeof error === 'object' && error !== null && 'isTimeout' in error && Boolean(error.isTimeout);
}

function validateReason(error: TimeoutReason): void {
  if (error === undefined || error === null || error === true) return;
  if (typeof error !== 'object' && typeof error !== 'function') {
    throw invalidType('error', 'an Error, a class of errors, true, null or undefined', error);
  }
}

function makeReason(error: TimeoutReason): unknown {
  if (error === true) return undefined;
  return typeof error === 'function' ? new error() : error;
}
