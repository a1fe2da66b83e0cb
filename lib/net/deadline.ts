import { type BlockingOptions, type ParkOptions } from '../park';
import { native } from '../realm';

/**
 * The options of each single wait of a call that may wait several times: the call's timeout is for all of them together.
 */
export function perWait(options: BlockingOptions | undefined): () => ParkOptions | undefined {
  const timeout = options?.timeout;
  if (timeout === undefined || timeout === Infinity) return () => options;
  const deadline = native.now() + timeout;
  return () => ({ timeout: Math.max(0, deadline - native.now()), total: timeout, signal: options?.signal });
}
