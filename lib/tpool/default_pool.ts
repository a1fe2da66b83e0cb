import { VerdantError } from '../errors';
import { shared } from '../realm';
import { type ModuleProxy } from './module_proxy';
import { type ModuleFunction } from './target';
import { type ExecuteOptions, TPool, type TPoolStatistics } from './thread_pool';

const pool = shared('tpool', () => new TPool(sizeFromEnvironment()));

/**
 * Calls a function on a worker thread and blocks the calling green thread until it has returned; the hub goes on. A
 * promise is waited for on the other thread.
 *
 * A function is sent by its source: it may use its arguments, globals, and `require` and `import()` (of packages, as seen
 * from the working directory), and nothing of the scope it was written in. A function of a module is named by the module.
 * Arguments and results are copied (structured clone: no functions, no sockets); see `transfer` and {@link move}.
 *
 * Timeout, abort and kill end the thread, in the middle of whatever it computes, and another takes its place; code that is
 * inside of a native call is ended when that returns. On a pool's own thread, or in a pool of size 0, the function runs at
 * once where it was called.
 * @param fn - a function, a module (its default export) or `{ module, name }`. `{ timeout, signal, transfer }` may come
 * before it
 * @param args - its arguments
 * @returns what it returned
 * @throws what it threw: an error of the same kind with the same `code`, message and properties, with the other thread's
 * stack and the caller's; `ERR_VERDANT_WORKER_DIED` when the thread died; `ERR_VERDANT_TIMEOUT`; the signal's reason;
 * `ERR_VERDANT_CLOSED` by `killAll()`; a `DataCloneError` for what cannot be copied; `ERR_VERDANT_NOT_GREEN` outside a green
 * thread
 * @example
 * ```ts
 * import { run } from 'verdant';
 * import { execute } from 'verdant/tpool';
 *
 * await run(() => {
 *   const fibonacci = function fibonacci(n: number): number { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); };
 *   console.log(execute(fibonacci, 20)); // 6765
 *   const hash = execute({ module: 'node:crypto', name: 'scryptSync' }, 'secret', 'salt', 32) as Uint8Array;
 *   console.log(hash.length); // 32
 * });
 * ```
 */
export function execute<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Awaited<R>;
export function execute(module: string | URL | ModuleFunction, ...args: unknown[]): unknown;
export function execute<A extends unknown[], R>(options: ExecuteOptions, fn: (...args: A) => R, ...args: A): Awaited<R>;
export function execute(options: ExecuteOptions, module: string | URL | ModuleFunction, ...args: unknown[]): unknown;
export function execute(...given: unknown[]): unknown {
  return pool.execute(...(given as [() => unknown]));
}

/**
 * A view of a module whose functions run on worker threads and block, as by {@link execute}. Nothing is loaded here. Other
 * exports than functions, and objects of them, are not seen.
 * @param module - an absolute path, a `file:` URL, a package's or a builtin's name
 * @param options - `timeout` for each call in milliseconds, `signal`
 * @example
 * ```ts
 * import { run } from 'verdant';
 * import { proxy } from 'verdant/tpool';
 *
 * await run(() => {
 *   const zlib = proxy<typeof import('node:zlib')>('node:zlib');
 *   const packed = zlib.gzipSync('verdant'.repeat(1000));
 *   console.log(zlib.gunzipSync(packed).length); // 7000
 * });
 * ```
 */
export function proxy<T extends object>(module: string | URL, options?: ExecuteOptions): ModuleProxy<T> {
  return pool.proxy<T>(module, options);
}

/**
 * Changes how many threads there may be (default: one for each CPU, at least 4, or what the environment variable
 * `VERDANT_THREADPOOL_SIZE` says). Calls that run are not disturbed.
 * @param size - 0: everything runs in the caller's thread
 */
export function setSize(size: number): void {
  pool.setSize(size);
}

/**
 * Ends all threads, whatever they do; their calls, and those that wait, fail with `ERR_VERDANT_CLOSED`. New threads start
 * when they are needed.
 * @returns a promise that is fulfilled when the threads are gone
 */
export async function killAll(): Promise<void> {
  await pool.killAll();
}

/** The counters of the pool that the functions of this module use. */
export function statistics(): TPoolStatistics {
  return pool.statistics();
}

function sizeFromEnvironment(): { size?: number } {
  const value = process.env.VERDANT_THREADPOOL_SIZE;
  if (value === undefined || value === '') return {};
  if (!/^\d+$/.test(value)) {
    throw new VerdantError(
      'ERR_VERDANT_TPOOL_SIZE',
      `VERDANT_THREADPOOL_SIZE must be a number from 0 on, not '${value}'`,
    );
  }
  return { size: Number(value) };
}
