import { type BlockingOptions, park, type ParkOptions, requireGreen, validateBlockingOptions } from '../park';
import { invalidType, outOfRange } from '../validate';

/** What `acquire` takes. */
export interface AcquireOptions extends BlockingOptions {
  /** False: do not wait, and say whether it could be had at once. Such a call is legal anywhere. Default true. */
  blocking?: boolean | undefined;
}

const timedOut = Symbol('timed out');

/**
 * What every call that takes something begins with. That such a call needs a green thread does not depend on whether it
 * has to wait this time: a mistake shows at once, and not under load only.
 * @returns whether it may wait
 */
export function beginAcquire(call: string, options: AcquireOptions | undefined): boolean {
  if (options !== undefined) {
    validateBlockingOptions(options);
    const { blocking, timeout, signal } = options;
    if (blocking !== undefined && typeof blocking !== 'boolean') {
      throw invalidType('options.blocking', 'of type boolean', blocking);
    }
    if (blocking === false && timeout !== undefined) {
      throw outOfRange('options.timeout', 'undefined when options.blocking is false', timeout);
    }
    if (signal?.aborted === true) throw signal.reason;
    if (blocking === false) return false;
  }
  requireGreen(call, 'call it with { blocking: false }');
  return true;
}

/**
 * Waits in the queue of `plain` until something is handed over. It is kept even if a kill comes before the thread runs.
 * @param plain - a wait without options; made once, so that a wait makes no object
 * @returns false when the timeout came first
 */
export function awaitTurn(call: string, plain: ParkOptions, options: BlockingOptions | undefined): boolean {
  if (options === undefined) {
    park(call, plain);
    return true;
  }
  const { timeout, signal } = options;
  return park(call, { timeout, signal, queue: plain.queue!, keeps: true, timeoutValue: timedOut }) !== timedOut;
}
