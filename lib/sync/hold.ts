import { TimeoutError } from '../errors';
import { type BlockingOptions, validateBlockingOptions } from '../park';
import { type AcquireOptions } from './acquire';

interface Holdable {
  acquire(options?: AcquireOptions): boolean;
  release(): unknown;
}

/** Gives back what was acquired, once. */
class Hold implements Disposable {
  #held: Holdable | null;

  constructor(held: Holdable) {
    this.#held = held;
  }

  [Symbol.dispose](): void {
    const held = this.#held;
    this.#held = null;
    held?.release();
  }
}

/** Acquires for the scope of a `using`. `call` names the acquire. */
export function hold(call: string, what: Holdable, options: BlockingOptions | undefined): Disposable {
  validateBlockingOptions(options);
  if (!what.acquire(options && { timeout: options.timeout, signal: options.signal })) {
    throw new TimeoutError(`${call.replace('acquire', 'hold')} timed out after ${options?.timeout} ms`);
  }
  return new Hold(what);
}
