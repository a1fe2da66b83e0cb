import { TimeoutError } from '../errors';
import { type GreenThread, type Pending } from '../green_thread';
import { getHub } from '../hub/registry';
import { type Timer } from '../hub/timer_queue';
import { type BlockingOptions } from '../park';
import { timeLeft, type TimeLeft } from './deadline';

/**
 * The options of a call that waits several times, some of them in somebody else's function: those are interrupted as by a
 * `Timeout`.
 */
export class Limit {
  readonly #call: string;
  readonly #options: BlockingOptions;
  /** What is left, for a wait of one's own. */
  readonly left: () => TimeLeft;

  constructor(call: string, options: BlockingOptions) {
    this.#call = call;
    this.#options = options;
    this.left = timeLeft(options);
  }

  /** Calls `fn`, which is interrupted when the time is up or the signal aborts. */
  run<R>(fn: () => R): R {
    const { signal } = this.#options;
    if (signal?.aborted === true) throw signal.reason;
    // In plain code `fn` cannot block, so there is nothing to interrupt.
    const guard = getHub().current === null ? null : new Guard(this.#call, this.left());
    try {
      return fn();
    } finally {
      guard?.end();
    }
  }
}

class Guard {
  // It lies on the thread's own stack, which must not hold the thread: see hub.ts.
  readonly #thread = (getHub().current as GreenThread).weak();
  readonly #timer: Timer | null;
  readonly #signal: AbortSignal | undefined;
  #sent: Pending | null = null;

  constructor(call: string, { timeout, total, signal }: TimeLeft) {
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort);
    this.#timer =
      timeout === undefined || timeout === Infinity
        ? null
        : getHub().startTimer(timeout, () =>
            this.#interrupt(new TimeoutError(`${call} timed out after ${total ?? timeout} ms`)),
          );
  }

  readonly #onAbort = (): void => this.#interrupt(this.#signal?.reason);

  #interrupt(error: unknown): void {
    this.#sent ??= this.#thread.deref()?.interrupt(error) ?? null;
  }

  end(): void {
    this.#timer?.cancel();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    if (this.#sent !== null) this.#thread.deref()?.forgive(this.#sent);
  }
}
