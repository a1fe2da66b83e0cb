import { getHub } from './hub/registry';
import { type BlockingOptions, type ParkOptions } from './park';

/** Gives the options of one wait of a call that may wait several times. */
export type NextOptions = () => ParkOptions | undefined;

const none: NextOptions = () => undefined;

/** The options of each single wait: the call's timeout, by the hub's clock, is for all of them together. */
export function perWait(options: BlockingOptions | undefined): NextOptions {
  if (options === undefined) return none;
  const { timeout, signal } = options;
  if (timeout === undefined || timeout === Infinity) return () => options;
  const deadline = getHub().time() + timeout;
  return () => ({ timeout: Math.max(0, deadline - getHub().time()), total: timeout, signal });
}
