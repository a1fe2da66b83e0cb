import { perWait } from '../deadline';
import { type BlockingOptions } from '../park';

/** What is left of a call's options for each wait of it; the same object where there is nothing to count down. */
export interface TimeLeft extends BlockingOptions {
  total?: number | undefined;
}

const none: TimeLeft = {};

/** A call that may wait more than once shares one timeout among its waits. */
export function timeLeft(options: BlockingOptions | undefined): () => TimeLeft {
  const next = perWait(options);
  return () => next() ?? none;
}
