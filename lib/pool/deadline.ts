import { getHub } from '../hub/registry';
import { type BlockingOptions } from '../park';

/** What is left of a call's options for each wait of it; the same object where there is nothing to count down. */
export interface TimeLeft extends BlockingOptions {
  total?: number | undefined;
}

/** A call that may wait more than once shares one timeout among its waits. */
export function timeLeft(options: BlockingOptions | undefined): () => TimeLeft {
  const timeout = options?.timeout;
  if (timeout === undefined || timeout === Infinity) return () => options ?? none;
  const deadline = getHub().time() + timeout;
  return () => ({ signal: options?.signal, timeout: Math.max(deadline - getHub().time(), 0), total: timeout });
}

const none: TimeLeft = {};
