import { VerdantError } from '../errors';
import { Semaphore } from './semaphore';

/**
 * A `Semaphore` that is never released more often than it was acquired: a mistake of that kind is an error.
 * @example
 * ```ts
 * import { BoundedSemaphore } from 'verdant';
 *
 * const semaphore = new BoundedSemaphore(1);
 * try {
 *   semaphore.release();
 * } catch (error) {
 *   console.log(error.code); // ERR_VERDANT_OVER_RELEASE
 * }
 * ```
 */
export class BoundedSemaphore extends Semaphore {
  readonly #value: number;

  /**
   * @param value - how many may have it at a time; default 1
   * @throws `ERR_INVALID_ARG_TYPE`; `ERR_OUT_OF_RANGE` unless it is an integer from 0 on
   */
  constructor(value = 1) {
    super(value);
    this.#value = value;
  }

  /**
   * Gives one back, to the first who waits if anybody does. Never blocks; legal anywhere.
   * @throws `ERR_VERDANT_OVER_RELEASE` when all are there already
   */
  override release(): void {
    if (this.balance >= this.#value) {
      throw new VerdantError('ERR_VERDANT_OVER_RELEASE', 'The semaphore was released more often than acquired');
    }
    super.release();
  }

  static {
    Object.defineProperty(this.prototype, 'label', { value: 'BoundedSemaphore.acquire()' });
  }
}
