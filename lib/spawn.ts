import { getHub } from './hub/registry';
import { GreenThread, type SpawnOptions, validateGreenThread } from './green_thread';
import { captureSpawnStack } from './spawn_stack';
import { invalidType, validateFunction, validateMilliseconds, validateSignal } from './validate';

/**
 * Starts `fn` on a green thread of its own at the hub's next turn, in FIFO order; never inside the caller. May be called
 * from anywhere: green threads, plain callbacks, async functions, microtasks.
 * @param fn - may call anything that blocks
 * @param args - its arguments
 * @returns the green thread
 * @example
 * ```ts
 * import { run, sleep, spawn } from 'verdant';
 *
 * await run(() => {
 *   const slow = spawn((name: string) => { sleep(20); return `hello ${name}`; }, 'world');
 *   console.log(slow.wait()); // hello world
 * });
 * ```
 */
export function spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): GreenThread<R>;
/**
 * As above, with options before the function.
 * @param options - `name`; `signal`: abort kills it with the signal's reason; `context: 'empty'`: without the spawner's
 * AsyncLocalStorage stores
 */
export function spawn<A extends unknown[], R>(options: SpawnOptions, fn: (...args: A) => R, ...args: A): GreenThread<R>;
export function spawn(first: unknown, ...rest: unknown[]): GreenThread {
  if (typeof first === 'function') {
    const thread = new GreenThread(first as () => unknown, rest, captureSpawnStack());
    thread.start();
    return thread;
  }
  const [fn, ...args] = rest;
  const options = checkOptions(first);
  validateFunction(fn, 'fn');
  const thread = new GreenThread(fn as (...given: unknown[]) => unknown, args, captureSpawnStack(), options);
  if (options.signal !== undefined) killOnAbort(thread, options.signal);
  thread.start();
  return thread;
}

/**
 * As `spawn`, for when nobody looks at the outcome. An error still surfaces, as an unhandled rejection.
 * @param fn - may call anything that blocks
 * @param args - its arguments
 */
export function spawnN<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): void {
  validateFunction(fn, 'fn');
  new GreenThread(fn as (...given: unknown[]) => unknown, args, captureSpawnStack()).start();
}

/**
 * Starts `fn` on a green thread after `ms` milliseconds, whatever becomes of the spawner. `cancel()` prevents it.
 * @param ms - milliseconds from now
 * @param fn - may call anything that blocks
 * @param args - its arguments
 */
export function spawnAfter<A extends unknown[], R>(ms: number, fn: (...args: A) => R, ...args: A): GreenThread<R> {
  return startLater(ms, fn, args);
}

/**
 * As `spawnAfter`, but dropped if the green thread that called it has ended by then.
 * @param ms - milliseconds from now
 * @param fn - may call anything that blocks
 * @param args - its arguments
 */
export function spawnAfterLocal<A extends unknown[], R>(ms: number, fn: (...args: A) => R, ...args: A): GreenThread<R> {
  const thread = startLater(ms, fn, args);
  thread.dropWithParent = getHub().current !== null;
  return thread;
}

/**
 * The usual way into green code from plain and async code: runs `fn` on a green thread.
 * @param fn - may call anything that blocks
 * @param args - its arguments
 * @returns a promise of what `fn` returns
 * @example
 * ```ts
 * import { run, sleep } from 'verdant';
 *
 * const answer = await run(() => { sleep(10); return 42; });
 * console.log(answer); // 42
 * ```
 */
export async function run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>> {
  validateFunction(fn, 'fn');
  const thread = new GreenThread(fn as () => unknown, args, captureSpawnStack());
  thread.start();
  return (await thread) as Awaited<R>;
}

/** The running green thread; null on Node's own stack (plain callbacks, async functions after an `await`). */
export function getCurrent(): GreenThread | null {
  return getHub().current as GreenThread | null;
}

/** Function form of `thread.kill(reason)`. */
export function kill(thread: GreenThread, reason?: unknown): void {
  validateGreenThread(thread, 'thread');
  thread.kill(reason);
}

/** Function form of `thread.cancel(reason)`. */
export function cancel(thread: GreenThread, reason?: unknown): boolean {
  validateGreenThread(thread, 'thread');
  return thread.cancel(reason);
}

function startLater<A extends unknown[], R>(ms: number, fn: (...args: A) => R, args: A): GreenThread<R> {
  validateMilliseconds(ms, 'ms');
  validateFunction(fn, 'fn');
  const thread = new GreenThread<R>(fn as () => unknown, args, captureSpawnStack());
  getHub().delayed.add(thread);
  if (ms !== Infinity) thread.startTimer = getHub().startTimer(ms, () => thread.start());
  return thread;
}

function checkOptions(options: unknown): SpawnOptions {
  if (typeof options !== 'object' || options === null) throw invalidType('fn', 'of type function', options);
  const { name, signal, context } = options as SpawnOptions;
  if (name !== undefined && typeof name !== 'string') throw invalidType('options.name', 'of type string', name);
  if (signal !== undefined) validateSignal(signal, 'options.signal');
  if (context !== undefined && context !== 'inherit' && context !== 'empty') {
    throw invalidType('options.context', "one of 'inherit' and 'empty'", context);
  }
  return options;
}

function killOnAbort(thread: GreenThread, signal: AbortSignal): void {
  const onAbort = (): void => thread.killByAbort(signal.reason);
  if (signal.aborted) {
    onAbort();
    return;
  }
  signal.addEventListener('abort', onAbort);
  thread.onCleanup(() => signal.removeEventListener('abort', onAbort));
}

export { killOnAbort };
