import { requireGreen } from '../park';
import { Interruptions } from './interruptions';
import { type Outcome } from './results';
import { type AnyFunction } from './spawn_arguments';

/**
 * Calls `fn` on the running green thread in place of one of its own. Its own error is its outcome; what is thrown into the
 * thread from outside meanwhile is the thread's, and goes on.
 */
export function runInline<R>(fn: AnyFunction, args: unknown[], signal?: AbortSignal): Outcome<R> {
  if (signal?.aborted === true) throw signal.reason;
  requireGreen('spawn()').throwPending();
  const interruptions = new Interruptions();
  try {
    return { value: fn(...args) as R };
  } catch (error) {
    if (interruptions.includes(error)) throw error;
    return { error };
  }
}
