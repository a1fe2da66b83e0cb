import { VerdantError } from '../errors';
import { park } from '../park';
import { Semaphore } from './semaphore';

/**
 * One may have it at a time; a `Semaphore` of 1 that complains when it is released and nobody has it. It has no owner: who
 * releases it need not be who acquired it, and who acquires it twice waits for ever. See `RLock`.
 * @example
 * ```ts
 * import { joinAll, Lock, run, sleep, spawn } from 'verdant';
 *
 * await run(() => {
 *   const lock = new Lock();
 *   const order: string[] = [];
 *   joinAll(['a', 'b'].map((name) => spawn(() => {
 *     using _ = lock.hold();
 *     order.push(`${name} in`);
 *     sleep(5);
 *     order.push(`${name} out`);
 *   })));
 *   console.log(order.join(', ')); // a in, a out, b in, b out
 * });
 * ```
 */
export class Lock extends Semaphore {
  constructor() {
    super(1);
  }

  /**
   * Hands it to the first who waits, or makes it free. Never blocks; legal anywhere.
   * @throws `ERR_VERDANT_NOT_LOCKED` when nobody has it
   */
  override release(): void {
    if (!this.locked()) throw new VerdantError('ERR_VERDANT_NOT_LOCKED', 'The lock is not locked');
    super.release();
  }

  /** @internal Whether the caller may say that it has it; anybody may, for it has no owner. */
  get held(): boolean {
    return this.locked();
  }

  /** @internal Gives it back for a `Condition.wait`; returns what `reacquire` needs. */
  releaseAll(): number {
    this.release();
    return 1;
  }

  /** @internal Takes it again, whatever happens meanwhile. */
  reacquire(call: string, _depth: number): void {
    if (this.locked()) park(call, { queue: this.waiting, keeps: true, deaf: true });
    else this.acquire();
  }

  static {
    Object.defineProperty(this.prototype, 'label', { value: 'Lock.acquire()' });
  }
}
