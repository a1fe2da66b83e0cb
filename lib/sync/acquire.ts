import { type BlockingOptions, park, type ParkOptions, requireGreen, validateBlockingOptions } from '../park';
import { invalidType, outOfRange } from '../validate';

/** What `acquire` takes. */
export interface AcquireOptions extends BlockingOptions {
  /** False: do not wait, and say whether it could be had at once. Such a call is legal anywhere. Default true. */
  blocking?: boolean | undefined;
}

const timedOut = Symbol('timed out');

/**
 * What every call that takes something begins with. Whether it needs a green thread does not depend on whether it has to wait
 * this time: so a mistake shows at once, and not under load only. A signal that has aborted is obeyed even if there is nothing
 * to wait for.
 * @returns whether it may wait
 */
export function beginAcquire(call: string, options: AcquireOptions | undefined): boolean {
  if (options !== undefined) {
    validateBlockingOptions(options);
    const { blocking = true, timeout, signal } = options;
    if (typeof blocking !== 'boolean') throw invalidType('options.blocking', 'of type boolean', blocking);
    if (!blocking && timeout !== undefined) {
      throw outOfRange('options.timeout', 'undefined when options.blocking is false', timeout);
    }
    if (signal?.aborted === true) throw signal.reason;
    if (!blocking) return false;
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
