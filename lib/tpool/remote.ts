import { ClosedError } from '../errors';
import { type Request } from './messages';
import { members, type ModuleProxy } from './module_proxy';
import { describeTarget, type ModuleFunction } from './target';
import { type ExecuteOptions, parseCall, selfMark, TPool } from './thread_pool';

const remotes = new WeakMap<object, Remote>();

/**
 * An object that lives on a worker thread of its own: a blocking driver's connection, a parser with a big table. Calls
 * of its methods block the calling green thread only; they run one after the other, first come, first served.
 *
 * A call that is interrupted (timeout, abort, kill) before its turn is not made. One that runs already goes on, its result
 * is dropped, and what is called next waits for it: ending the thread would take the object with it. That is `kill()`'s.
 * An idle thread does not keep the process alive.
 * @example
 * ```ts
 * import { run } from 'verdant';
 * import { Remote } from 'verdant/tpool';
 *
 * await run(() => {
 *   const makeCounter = (start: number) => ({ value: start, add(n: number) { return (this.value += n); } });
 *   using remote = Remote.make(makeCounter, 40);
 *   remote.object.add(1);
 *   console.log(remote.object.add(1)); // 42
 * });
 * ```
 */
export class Remote<T extends object = object> {
  /** The object, as it is seen from here: its methods block and take and give copies. */
  readonly object: ModuleProxy<T>;
  readonly #pool = new TPool({ size: 1, idleTimeout: Infinity });
  #dead = false;

  private constructor() {
    this.object = members([], (path, args) => this.call(path.join('.'), args)) as ModuleProxy<T>;
    remotes.set(this.object, this);
  }

  /**
   * Starts a thread, and makes the object there. Blocks until it is made.
   * @param fn - a function that returns it (or a promise of it), a class, or where to find one of them in a module;
   * see {@link execute} on what a function sent by its source may use. `{ timeout, signal }` may come before it
   * @param args - its arguments; copied
   * @throws what the function throws; else as {@link execute}
   */
  static make<T extends object, A extends unknown[]>(fn: (...args: A) => T | Promise<T>, ...args: A): Remote<T>;
  static make<T extends object>(module: string | URL | ModuleFunction, ...args: unknown[]): Remote<T>;
  static make<T extends object, A extends unknown[]>(
    options: ExecuteOptions,
    fn: (...args: A) => T | Promise<T>,
    ...args: A
  ): Remote<T>;
  static make<T extends object>(
    options: ExecuteOptions,
    module: string | URL | ModuleFunction,
    ...args: unknown[]
  ): Remote<T>;
  static make(...given: unknown[]): Remote {
    const { options, target, args } = parseCall(given);
    const remote = new Remote();
    const request: Request = { do: 'make', target: describeTarget(target, 'fn'), args };
    try {
      remote.#perform('Remote.make()', request, options);
    } catch (error) {
      void remote.kill();
      throw error;
    }
    return remote;
  }

  /** The remote whose `object` this is. */
  static of(object: object): Remote | undefined {
    return remotes.get(object);
  }

  /** True once its thread has ended or was told to. */
  get dead(): boolean {
    return this.#dead;
  }

  /**
   * Calls a method; as `remote.object.method(...)`, with options.
   * @param name - the method, also a dotted path
   * @param args - copied
   * @param options - `timeout` in milliseconds, `signal`, `transfer`
   * @throws what the method throws; `ERR_VERDANT_CLOSED` when the thread has ended; `ERR_VERDANT_WORKER_DIED` when it dies
   */
  call(name: string, args: unknown[] = [], options: ExecuteOptions = {}): unknown {
    const value = this.#perform(`Remote ${name}()`, { do: 'call', path: name.split('.'), args }, options);
    return value === selfMark ? this.object : value;
  }

  /**
   * As `call()`, but does nothing and gives undefined when the object has no such method.
   * @param name - the method
   * @param args - copied
   * @param options - as for `call()`
   */
  callIfThere(name: string, args: unknown[] = [], options: ExecuteOptions = {}): unknown {
    const request: Request = { do: 'call', path: name.split('.'), args, optional: true };
    return this.#perform(`Remote ${name}()`, request, options);
  }

  /** Ends the thread, whatever it does; calls fail with `ERR_VERDANT_CLOSED`. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#dead = true;
    await this.#pool.killAll();
  }

  /** As `kill()`, without waiting. For `using`. */
  [Symbol.dispose](): void {
    void this.kill();
  }

  #perform(call: string, request: Request, options: ExecuteOptions): unknown {
    if (this.#dead) throw new ClosedError('The thread of the remote object has ended');
    try {
      return this.#pool.perform(call, request, options, 'let it run');
    } catch (error) {
      // The next call would start a thread without the object.
      if ((error as { code?: unknown } | null)?.code === 'ERR_VERDANT_WORKER_DIED') void this.kill();
      throw error;
    }
  }
}
