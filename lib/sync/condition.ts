import { TimeoutError, VerdantError } from '../errors';
import { getHub } from '../hub/registry';
import { type BlockingOptions, park, requireGreen, validateBlockingOptions } from '../park';
import { invalidType, validateCount, validateFunction } from '../validate';
import { WaitQueue } from '../wait_queue';
import { type AcquireOptions } from './acquire';
import { Lock } from './lock';
import { type RLock } from './rlock';
import { wakeAll, wakeFirst } from './wake';

/** A condition's counters at one moment. */
export interface ConditionStatistics {
  /** Green threads that wait to be notified. */
  waiting: number;
  /** Whether somebody has its lock. */
  locked: boolean;
}

/**
 * Waits for something that is said about what a lock protects. `wait` gives the lock back while it waits, and has it again
 * when it returns **or throws**, whatever ended it. Who waits longest is notified first.
 *
 * A notification is not lost: a green thread that was notified, and is killed before it runs, returns from `wait` and meets
 * the kill at its next suspension; one that was interrupted before has left the line.
 * @example
 * ```ts
 * import { Condition, run, spawn } from 'verdant';
 *
 * await run(() => {
 *   const condition = new Condition();
 *   const items: string[] = [];
 *   const consumer = spawn(() => {
 *     using _ = condition.hold();
 *     condition.waitFor(() => items.length > 0);
 *     return items.shift();
 *   });
 *   spawn(() => {
 *     using _ = condition.hold();
 *     items.push('an item');
 *     condition.notify();
 *   });
 *   console.log(consumer.wait()); // an item
 * });
 * ```
 */
export class Condition {
  readonly #lock: Lock | RLock;
  readonly #waiting = new WaitQueue();

  /**
   * @param lock - a `Lock` or an `RLock`; default a new `Lock`. With an `RLock`, only green threads can notify
   * @throws `ERR_INVALID_ARG_TYPE`
   */
  constructor(lock: Lock | RLock = new Lock()) {
    // By its methods and not by instanceof: it may come from another copy of verdant.
    if (typeof (lock as Partial<Lock> | null)?.reacquire !== 'function') {
      throw invalidType('lock', 'a Lock or an RLock', lock);
    }
    this.#lock = lock;
  }

  /** See `Lock.acquire` and `RLock.acquire`. */
  acquire(options?: AcquireOptions): boolean {
    return this.#lock.acquire(options);
  }

  /** See `Lock.release` and `RLock.release`. */
  release(): void {
    this.#lock.release();
  }

  /** See `Lock.hold` and `RLock.hold`. */
  hold(options?: BlockingOptions): Disposable {
    return this.#lock.hold(options);
  }

  /** True when somebody has the lock. */
  locked(): boolean {
    return this.#lock.locked();
  }

  /**
   * Gives the lock back, blocks until it is notified, and takes the lock again. `notify`, `notifyAll`, its timeout, its
   * signal or a kill ends the wait for the notification; nothing ends the wait for the lock.
   * @param options - `timeout` in milliseconds, for the notification; `signal`
   * @throws `ERR_VERDANT_NOT_LOCKED` when the lock is not held; `ERR_VERDANT_TIMEOUT`; the signal's reason; a kill's reason;
   * `ERR_VERDANT_NOT_GREEN` outside a green thread. The lock is held when it throws any of the middle three
   */
  wait(options?: BlockingOptions): void {
    validateBlockingOptions(options);
    this.#wait('Condition.wait()', options?.timeout, options?.signal, options?.timeout);
  }

  /**
   * Waits until `predicate` holds: looks at once, and then after each notification, always with the lock held.
   * @param predicate - tells whether to stop
   * @param options - `timeout` in milliseconds for all of it; `signal`
   * @returns what the predicate returned, when it was truthy
   * @throws what the predicate throws; and as `wait`
   */
  waitFor<R>(predicate: () => R, options?: BlockingOptions): R {
    validateFunction(predicate, 'predicate');
    validateBlockingOptions(options);
    const call = 'Condition.waitFor()';
    this.#requireLock(call);
    const timeout = options?.timeout;
    const deadline = timeout === undefined ? Infinity : getHub().time() + timeout;
    for (let result = predicate(); ; result = predicate()) {
      if (result) return result;
      const left = timeout === undefined ? undefined : deadline - getHub().time();
      // The lock may have come later than the deadline: no further wait then.
      if (left !== undefined && left <= 0) throw new TimeoutError(`${call} timed out after ${timeout} ms`);
      this.#wait(call, left, options?.signal, timeout);
    }
  }

  #wait(call: string, timeout: number | undefined, signal: AbortSignal | undefined, total: number | undefined): void {
    requireGreen(call);
    this.#requireLock(call);
    if (signal?.aborted === true) throw signal.reason;
    const depth = this.#lock.releaseAll();
    try {
      park(call, { queue: this.#waiting, keeps: true, timeout, signal, total });
    } finally {
      this.#lock.reacquire(call, depth);
    }
  }

  /**
   * Wakes those who wait longest. They go on when they have the lock, so after the caller has given it back. Never blocks;
   * legal anywhere where the lock can be held.
   * @param count - how many; default 1
   * @throws `ERR_VERDANT_NOT_LOCKED` when the lock is not held; `ERR_OUT_OF_RANGE`
   */
  notify(count = 1): void {
    validateCount(count, 'count');
    this.#requireLock('Condition.notify()');
    for (let left = count; left > 0 && wakeFirst(this.#waiting, undefined); left -= 1);
  }

  /**
   * Wakes everybody who waits. Never blocks.
   * @throws `ERR_VERDANT_NOT_LOCKED` when the lock is not held
   */
  notifyAll(): void {
    this.#requireLock('Condition.notifyAll()');
    wakeAll(this.#waiting, undefined);
  }

  /** Counters. */
  statistics(): ConditionStatistics {
    return { waiting: this.#waiting.size, locked: this.#lock.locked() };
  }

  #requireLock(call: string): void {
    if (!this.#lock.held) throw new VerdantError('ERR_VERDANT_NOT_LOCKED', `${call} needs the lock of the condition`);
  }
}
