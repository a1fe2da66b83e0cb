import { GreenExit, TimeoutError } from './errors';
import { type GreenThread, validateGreenThread } from './green_thread';
import { getHub } from './hub/registry';
import { park, requireGreen, validateBlockingOptions, type Waker } from './park';
import { invalidType, validateCount, validateMilliseconds, validateObject } from './validate';

/** How long to go on, for `joinAll` and `iwait`. */
export interface CollectOptions {
  /** Give up waiting after so many milliseconds, and go with those that have ended. */
  timeout?: number | undefined;
  /** Stop after so many have ended. */
  count?: number | undefined;
}

type Threads = Iterable<GreenThread>;

/**
 * Blocks until all of `threads` have ended, or `count` of them, or the timeout is over.
 * @param threads - green threads
 * @param options - `timeout` in milliseconds; `count`; `throwOnError`: throws the first error that ends one
 * @returns those that have ended, in the order in which they did
 */
export function joinAll(threads: Threads, options: CollectOptions & { throwOnError?: boolean } = {}): GreenThread[] {
  const ended: GreenThread[] = [];
  for (const thread of iwait(threads, options)) {
    if (options.throwOnError === true && thread.state !== 'done') throw thread.error;
    ended.push(thread);
  }
  return ended;
}

/**
 * Gives green threads as they end, blocking in between. Ends early after `count` of them or when the timeout is over.
 * @param threads - green threads
 * @param options - `timeout` in milliseconds for the whole iteration; `count`
 */
export function* iwait(threads: Threads, options: CollectOptions = {}): Generator<GreenThread, void, void> {
  validateObject(options, 'options');
  const { timeout, count = Infinity } = options;
  if (timeout !== undefined) validateMilliseconds(timeout, 'options.timeout');
  if (count !== Infinity) validateCount(count, 'options.count');
  requireGreen('iwait()');
  const awaited = new Set<GreenThread>(listOf(threads));
  const ended: GreenThread[] = [];
  let waker: Waker | null = null;
  const listeners = new Map<GreenThread, () => void>();
  for (const thread of awaited) {
    if (thread.dead) {
      ended.push(thread);
      continue;
    }
    const onEnd = (): void => {
      ended.push(thread);
      waker?.wake(undefined);
    };
    listeners.set(thread, onEnd);
    thread.onEnd(onEnd);
  }
  const subscribe = (now: Waker): (() => void) => {
    waker = now;
    return () => {
      waker = null;
    };
  };
  const deadline = timeout === undefined ? undefined : getHub().time() + timeout;
  try {
    for (let given = 0; given < count && awaited.size > 0; given += 1) {
      while (ended.length === 0) {
        const left = deadline === undefined ? undefined : Math.max(deadline - getHub().time(), 0);
        if (park('iwait()', { subscribe, timeout: left, timeoutValue: timedOut }) === timedOut) return;
      }
      const thread = ended.shift()!;
      awaited.delete(thread);
      thread.observe();
      yield thread;
    }
  } finally {
    for (const [thread, onEnd] of listeners) thread.offEnd(onEnd);
  }
}

/**
 * Kills all of `threads`.
 * @param threads - green threads
 * @param options - `reason`: default a new `GreenExit`; `wait`: block until all have ended (the caller, if it is among
 * them, comes last and is not waited for); `timeout` for that, in milliseconds
 * @throws `ERR_VERDANT_TIMEOUT` when they have not ended in time
 */
export function killAll(threads: Threads, options: { reason?: unknown; wait?: boolean; timeout?: number } = {}): void {
  validateBlockingOptions(options);
  const { reason = new GreenExit(), wait = false, timeout } = options;
  const all = listOf(threads);
  const me = wait ? requireGreen('killAll({ wait: true })') : (getHub().current as GreenThread | null);
  const others = all.filter((thread) => thread !== me);
  for (const thread of others) thread.kill(reason);
  if (wait && joinAll(others, { timeout }).length < new Set(others).size) {
    throw new TimeoutError(`killAll() timed out after ${timeout} ms`);
  }
  if (me !== null && all.includes(me)) me.kill(reason);
}

const timedOut = Symbol('timed out');

function listOf(threads: Threads): GreenThread[] {
  if (typeof (threads as Partial<Threads> | null | undefined)?.[Symbol.iterator] !== 'function') {
    throw invalidType('threads', 'an iterable of green threads', threads);
  }
  const list = [...threads] as GreenThread[];
  for (const thread of list) validateGreenThread(thread, 'threads');
  return list;
}
