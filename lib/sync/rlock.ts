import { VerdantError } from '../errors';
import { type GreenThread } from '../green_thread';
import { getHub } from '../hub/registry';
import { type BlockingOptions, park, type ParkOptions, requireGreen } from '../park';
import { WaitQueue } from '../wait_queue';
import { type AcquireOptions, awaitTurn, beginAcquire } from './acquire';
import { hold } from './hold';

/** A re-entrant lock's counters at one moment. */
export interface RLockStatistics {
  /** `id` of the green thread that has it; null when it is free. */
  owner: number | null;
  /** How often its owner has acquired it. */
  depth: number;
  /** Green threads that wait in `acquire`. */
  waiting: number;
}

const nobody = 0;

/**
 * A lock that its owner, a green thread, may acquire again, and must release as often. Others wait, first come, first served;
 * what is said of interrupted waits in `Semaphore` holds here too.
 *
 * A green thread that ends while it has the lock does not release it: use `using _ = lock.hold()`.
 * @example
 * ```ts
 * import { RLock, run } from 'verdant';
 *
 * await run(() => {
 *   const lock = new RLock();
 *   using outer = lock.hold();
 *   using inner = lock.hold();
 *   console.log(lock.statistics().depth); // 2
 * });
 * ```
 */
export class RLock {
  // Its id, not the green thread: the lock lies on its owner's stack, and would make an owner reachable that nothing can
  // reach any more.
  #owner = nobody;
  // The owner's stack: one that nothing could reach any more is unwound there, under a new id.
  #slot = 0;
  #depth = 0;
  readonly #waiting = new WaitQueue();
  readonly #plain: ParkOptions = { queue: this.#waiting, keeps: true };

  /**
   * Takes it, and blocks until it is free, unless the running green thread has it already. A `release`, its timeout, its
   * signal or a kill ends the wait.
   * @param options - `timeout` in milliseconds; `signal`; `blocking`: false does not wait
   * @returns true when it has it; false when the timeout came first, or when it was not free and it must not wait
   * @throws the signal's reason; a kill's reason; `ERR_VERDANT_NOT_GREEN` outside a green thread, always: it needs an owner;
   * `ERR_OUT_OF_RANGE` for a timeout together with `blocking: false`
   */
  acquire(options?: AcquireOptions): boolean {
    const mayWait = beginAcquire('RLock.acquire()', options);
    return this.#take() || (mayWait && awaitTurn('RLock.acquire()', this.#plain, options));
  }

  #take(): boolean {
    const me = requireGreen('RLock.acquire()', 'use a Lock, which needs no owner');
    if (this.#owner !== nobody && !this.#isOwner(me)) return false;
    this.#belongTo(me);
    this.#depth += 1;
    return true;
  }

  #belongTo(thread: GreenThread): void {
    this.#owner = thread.id;
    this.#slot = thread.slot;
  }

  #isOwner(thread: GreenThread): boolean {
    if (this.#owner === nobody) return false;
    // What unwinds a stack runs on it without ever having been started.
    return thread.id === this.#owner || (!thread.started && thread.slot === this.#slot);
  }

  /**
   * Takes back one `acquire`; the last one hands the lock to the first who waits, or makes it free. Never blocks.
   * @throws `ERR_VERDANT_NOT_OWNER` unless the running green thread has it
   */
  release(): void {
    if (!this.held) {
      throw new VerdantError('ERR_VERDANT_NOT_OWNER', 'The lock is not held by who releases it');
    }
    this.#depth -= 1;
    if (this.#depth === 0) this.#handOver();
  }

  #handOver(): void {
    this.#owner = nobody;
    const first = this.#waiting.first as GreenThread | null;
    if (first === null) return;
    this.#waiting.remove(first);
    this.#belongTo(first);
    this.#depth = 1;
    first.wake(undefined);
  }

  /**
   * Acquires, for `using`: it is released at the end of the scope.
   * @param options - `timeout` in milliseconds; `signal`
   * @returns what releases it when it is disposed of, once
   * @throws `ERR_VERDANT_TIMEOUT`; and as `acquire`
   */
  hold(options?: BlockingOptions): Disposable {
    return hold('RLock.acquire()', this, options);
  }

  /** True when some green thread has it. */
  locked(): boolean {
    return this.#owner !== nobody;
  }

  /** Counters. */
  statistics(): RLockStatistics {
    const owner = this.#owner === nobody ? null : this.#owner;
    return { owner, depth: this.#depth, waiting: this.#waiting.size };
  }

  /** @internal Whether the running green thread has it. */
  get held(): boolean {
    const current = getHub().current as GreenThread | null;
    return current !== null && this.#isOwner(current);
  }

  /** @internal Gives it back for a `Condition.wait`; returns what `reacquire` needs. */
  releaseAll(): number {
    const depth = this.#depth;
    this.#depth = 0;
    this.#handOver();
    return depth;
  }

  /** @internal Takes it again, whatever happens meanwhile. */
  reacquire(call: string, depth: number): void {
    if (!this.#take()) park(call, { queue: this.#waiting, keeps: true, deaf: true });
    this.#depth = depth;
  }
}
