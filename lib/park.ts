import { NotGreenError, TimeoutError } from './errors';
import { type GreenThread } from './green_thread';
import { getHub } from './hub/registry';
import { type WaitQueue } from './wait_queue';
import { validateMilliseconds, validateObject, validateSignal } from './validate';

/** What every blocking call takes. */
export interface BlockingOptions {
  /** Give up after so many milliseconds, with a `TimeoutError`. Default: never. */
  timeout?: number | undefined;
  /**
   * Give up when this signal aborts, with its reason. A signal does not keep the process alive, `AbortSignal.timeout()`
   * included: `timeout` does.
   */
  signal?: AbortSignal | undefined;
}

/**
 * The end by which a parked thread can be pulled up. Once the wait is over, however it ended, it holds nothing and does
 * nothing; so those who have it may keep it and call it as often as they like.
 */
export class Waker {
  /** @internal */
  constructor(/** @internal */ public thread: GreenThread | null) {}

  /** Ends the wait with a value. */
  wake(value: unknown): void {
    this.thread?.wake(value);
  }

  /** Ends the wait with an error. */
  fail(error: unknown): void {
    this.thread?.wakeWithError(error);
  }
}

/** What a blocking call does with its park. */
export interface ParkOptions extends BlockingOptions {
  /** Where to queue up; whoever wakes the first of the queue has taken it out. */
  queue?: WaitQueue;
  /**
   * Arranges for the waker to be called; what it returns is called when the wait is over, however it ended, and must not
   * throw. Neither may hold on to the thread but by the waker.
   */
  subscribe?: (waker: Waker) => (() => void) | undefined;
  /** What the whole call was given, for the error, when this wait gets what is left of it. */
  total?: number | undefined;
  /** Returned when the timeout comes first, in place of throwing a `TimeoutError`. */
  timeoutValue?: unknown;
  /**
   * What the waker hands over would be lost if a kill overtook it: once woken, the call returns it, and a kill that
   * comes after meets the thread at its next suspension.
   */
  keeps?: boolean;
  /**
   * Waits although the thread has been killed, and has met that already: for what a scope does on its way out. Whatever else
   * is thrown into the thread meanwhile waits for its next suspension.
   */
  deaf?: boolean;
}

/** The running green thread. `call` names the blocking call in the error that is thrown when there is none. */
export function requireGreen(call: string, instead?: string): GreenThread {
  const current = getHub().current as GreenThread | null;
  if (current === null) throw new NotGreenError(call, instead);
  return current;
}

export function validateBlockingOptions(options: BlockingOptions | undefined): void {
  if (options === undefined) return;
  validateObject(options, 'options');
  if (options.timeout !== undefined) validateMilliseconds(options.timeout, 'options.timeout');
  if (options.signal !== undefined) validateSignal(options.signal, 'options.signal');
}

/**
 * The one way to block: suspends the running green thread until `thread.wake(value)` or `thread.interrupt(error)`.
 * Nothing has happened yet when this throws before suspending; nothing is left behind when it returns or throws.
 *
 * No variable of this function, nor of any that is on the stack while it is suspended, refers to the thread: see hub.ts.
 */
export function park(call: string, options?: ParkOptions): unknown {
  prepare(call, options);
  getHub().switchOut();
  return conclude();
}

function prepare(call: string, options: ParkOptions | undefined): void {
  const hub = getHub();
  const thread = requireGreen(call);
  hub.checkpoint();
  if (options?.deaf !== true) thread.throwPending();
  const signal = options?.signal;
  if (signal?.aborted === true) throw signal.reason;
  thread.suspended(options?.keeps === true, options?.deaf === true);
  if (options === undefined) return;
  options.queue?.push(thread);
  try {
    if (options.timeout !== undefined && options.timeout !== Infinity) startTimeout(call, thread, options);
    if (signal !== undefined || options.subscribe !== undefined) subscribe(thread, options);
  } catch (error) {
    if (thread.notSuspended()) throw error; // else it has been woken before: that outcome stands
  }
}

function startTimeout(call: string, thread: GreenThread, options: ParkOptions): void {
  const { timeout = 0, total = timeout, timeoutValue } = options;
  thread.parkTimer = getHub().startTimer(timeout, () => {
    if (timeoutValue === undefined) thread.wakeWithError(new TimeoutError(`${call} timed out after ${total} ms`));
    else thread.wake(timeoutValue);
  });
}

function subscribe(thread: GreenThread, options: ParkOptions): void {
  const { signal } = options;
  const waker = new Waker(thread);
  thread.parkWaker = waker;
  let unlisten: (() => void) | undefined;
  if (signal !== undefined) {
    const onAbort = (): void => waker.fail(signal.reason);
    signal.addEventListener('abort', onAbort);
    unlisten = () => signal.removeEventListener('abort', onAbort);
    thread.parkRelease = unlisten;
  }
  const release = options.subscribe?.(waker);
  if (waker.thread === null) {
    release?.(); // the wait was over at once
  } else if (release !== undefined) {
    thread.parkRelease = () => {
      unlisten?.();
      release();
    };
  }
}

function conclude(): unknown {
  return (getHub().current as GreenThread).resumed();
}
