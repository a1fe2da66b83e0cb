import { ClosedError, DeadlockError, GreenExit, isGreenExit } from '../errors';
import { GreenThread, type SpawnOptions } from '../green_thread';
import { getHub } from '../hub/registry';
import { type BlockingOptions, park, validateBlockingOptions } from '../park';
import { killOnAbort } from '../spawn';
import { captureSpawnStack } from '../spawn_stack';
import { validateFunction, validateObject, validateSignal } from '../validate';
import { WaitQueue } from '../wait_queue';
import { timeLeft } from './deadline';
import { Interruptions } from './interruptions';
import { outlast } from './outlast';
import { spawnArguments } from './spawn_arguments';
import { wakeAll } from '../sync/wake';

const call = 'Group.join()';
const timedOut = Symbol('timed out');

interface Interrupted {
  error: unknown;
}

/** What a `Group` may be told. */
export interface GroupOptions {
  /** Abort kills all that run in the group, with the signal's reason; the group then throws that. */
  signal?: AbortSignal | undefined;
}

/** The numbers of a `Group`. */
export interface GroupStatistics {
  /** How many run. */
  running: number;
  /** How many wait in `join`. */
  waiting: number;
  /** How many were spawned since the beginning. */
  spawned: number;
  /** How many have failed, and not been waited for. */
  failed: number;
}

/**
 * A scope for green threads, also known as a nursery: none of those that are spawned in it outlives it.
 *
 * At the end of the scope (`using group = new Group()`) it waits for all of them. It kills them, and waits for their end
 * then, as soon as one of them fails; and when the scope's own green thread is killed or runs into a `Timeout`, in the scope
 * or while it waits. An error that only ends the block is unknown to `using`: where such a thing may happen and the children
 * would go on for ever, use `Group.run`, which kills them then.
 *
 * What the children throw is thrown by `join`, by `Group.run` and at the end of the scope: the first error if it is the only
 * one, else an `AggregateError` of all, whose `cause` is the first. An error that somebody has got by `child.wait()`
 * has arrived already, and is left out. A `GreenExit` is no error.
 *
 * Without a green thread that could wait, the end of the scope kills; use `await using`, or `await run(...)`.
 * @example
 * ```ts
 * import { Group, run, sleep } from 'verdant';
 *
 * await run(() => {
 *   const group = new Group();
 *   group.spawn(() => { sleep(20); console.log('second'); }); // second
 *   group.spawn(() => { sleep(10); console.log('first'); }); // first
 *   group.join();
 *   try {
 *     Group.run((other) => {
 *       other.spawn(() => sleep(Infinity)); // is killed
 *       other.spawn(() => { throw new Error('too bad'); });
 *     });
 *   } catch (error) {
 *     console.log((error as Error).message); // too bad
 *   }
 * });
 * ```
 */
export class Group implements Disposable, AsyncDisposable {
  readonly #children = new Set<Child>();
  /** Where those wait who wait for all. */
  readonly #joiners = new WaitQueue();
  readonly #interruptions = new Interruptions();
  #failed: Child[] = [];
  #spawned = 0;
  /** With what the children were killed; what they throw because of that is no failure of theirs. */
  readonly #reasons = new Set<unknown>();
  #killed = false;
  #over = false;
  #abort: AbortController | null = null;
  #unlisten: (() => void) | null = null;
  #aborted: Interrupted | null = null;

  /**
   * @param options - `signal`: abort kills all
   * @throws `ERR_INVALID_ARG_TYPE`
   */
  constructor(options: GroupOptions = {}) {
    validateObject(options, 'options');
    const { signal } = options;
    if (signal === undefined) return;
    validateSignal(signal, 'options.signal');
    const onAbort = (): void => this.#onAbort(signal.reason);
    if (signal.aborted) onAbort();
    else {
      signal.addEventListener('abort', onAbort);
      this.#unlisten = () => signal.removeEventListener('abort', onAbort);
    }
  }

  /**
   * Calls `fn` with a new group, and waits for all that it has spawned there. As a `using` scope, and moreover an error of `fn`
   * kills the children; it is thrown when they have ended, whatever these have thrown.
   * @param fn - may block
   * @param options - as for the constructor
   * @returns what `fn` returns
   * @throws what `fn` throws; what the children throw (see `Group`); `ERR_VERDANT_NOT_GREEN`
   */
  static run<R>(fn: (group: Group) => R, options?: GroupOptions): R {
    validateFunction(fn, 'fn');
    const group = new Group(options);
    let result: R;
    try {
      result = fn(group);
    } catch (error) {
      group.kill();
      group.#leave(false);
      throw error;
    }
    group.#leave(true);
    return result;
  }

  /**
   * Starts `fn` on a green thread of the group, as `spawn` does. Legal anywhere, from the group's own threads too.
   * @param fn - may call anything that blocks
   * @param args - its arguments
   * @returns the green thread
   * @throws `ERR_VERDANT_CLOSED` when the group is over, or its threads have been killed
   */
  spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): GreenThread<R>;
  /**
   * As above, with options before the function.
   * @param options - those of `spawn`
   */
  spawn<A extends unknown[], R>(options: SpawnOptions, fn: (...args: A) => R, ...args: A): GreenThread<R>;
  spawn(first: unknown, ...rest: unknown[]): GreenThread {
    const { options, fn, args } = spawnArguments(first, rest);
    if (this.#over) throw new ClosedError('The scope of the group is over');
    if (this.#killed) throw new ClosedError('The threads of the group have been killed');
    const child = new Child(fn, args, captureSpawnStack(), options);
    this.#children.add(child);
    this.#spawned += 1;
    child.onEnd(() => this.#ended(child, options?.signal));
    child.start();
    if (options?.signal !== undefined) killOnAbort(child, options.signal);
    return child;
  }

  /**
   * Blocks until none runs in the group any more. When one fails, the others are killed and waited for, and it throws. When
   * it is interrupted, they go on.
   * @param options - `timeout` in milliseconds, `signal`
   * @returns true when all have ended, false when the timeout came first
   * @throws what the children throw (see `Group`), once; the signal's reason; `ERR_VERDANT_DEADLOCK` in a thread of the
   * group; `ERR_VERDANT_NOT_GREEN` when it would have to wait and cannot
   */
  join(options?: BlockingOptions): boolean {
    validateBlockingOptions(options);
    this.#refuseOwn();
    const left = timeLeft(options);
    while (this.#children.size > 0) {
      if (park(call, { ...left(), queue: this.#joiners, timeoutValue: timedOut }) === timedOut) return false;
    }
    this.#throwFailures();
    return true;
  }

  /**
   * Kills all that run in the group. None can be spawned in it any more.
   * @param reason - default: a new `GreenExit`. It is nobody's failure
   */
  kill(reason: unknown = new GreenExit()): void {
    this.#forbid(reason);
    const { current } = getHub();
    for (const child of this.#children) if (child !== current) child.kill(reason);
    // Last: it throws here, if it is one of them.
    for (const child of this.#children) if (child === current) child.kill(reason);
  }

  /** How many run in the group. */
  running(): number {
    return this.#children.size;
  }

  /** Aborted when the threads of the group are killed, for whatever is not a thread of it. */
  get signal(): AbortSignal {
    if (this.#abort === null) {
      this.#abort = new AbortController();
      if (this.#killed) this.#abort.abort([...this.#reasons][0]);
    }
    return this.#abort.signal;
  }

  /** How many run, wait, and have been. */
  statistics(): GroupStatistics {
    return {
      running: this.#children.size,
      waiting: this.#joiners.size,
      spawned: this.#spawned,
      failed: this.#failed.length,
    };
  }

  /** The end of the scope, for `using`: see `Group`. */
  [Symbol.dispose](): void {
    this.#leave(true);
  }

  /** The end of the scope in async code, for `await using`: as for `using`, without blocking. */
  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#children.size > 0) {
      await Promise.race([...this.#children].map((child) => child.promise().catch(ignore)));
    }
    this.#finish();
    this.#throwFailures();
  }

  // Whatever happens, none is left when this is over.
  #leave(throws: boolean): void {
    this.#refuseOwn();
    let interrupted: Interrupted | null = null;
    if (getHub().current === null) {
      if (this.#children.size > 0) this.kill();
    } else {
      interrupted = this.#waitForAll();
    }
    this.#finish();
    if (!throws) return;
    if (interrupted !== null) throw interrupted.error;
    this.#throwFailures();
  }

  #waitForAll(): Interrupted | null {
    let interrupted: Interrupted | null = null;
    try {
      // What has hit the thread in the scope is on its way out: it must not be thrown again, nor wait for the children.
      if (this.#interruptions.any) this.kill();
      while (this.#children.size > 0 && !this.#killed) park(call, { queue: this.#joiners });
    } catch (error) {
      // A GreenExit from before the scope comes again at every suspension, and will come at the next.
      interrupted = isGreenExit(error) && !this.#interruptions.includes(error) ? null : { error };
      this.kill();
    }
    outlast(call, this.#joiners, () => this.#children.size === 0);
    return interrupted;
  }

  #finish(): void {
    this.#over = true;
    this.#unlisten?.();
    this.#unlisten = null;
  }

  #ended(child: Child, signal: AbortSignal | undefined): void {
    this.#children.delete(child);
    const quiet =
      child.state === 'done' ||
      isGreenExit(child.error) ||
      this.#reasons.has(child.error) ||
      (child.state === 'killed' && signal?.aborted === true && child.error === signal.reason);
    if (!quiet) this.#fail(child);
    if (this.#children.size === 0) wakeAll(this.#joiners, undefined);
  }

  #fail(child: Child): void {
    // Nobody is there any more to hear of it, but for those who wait for the thread itself.
    if (this.#over) void Promise.reject(child.error);
    else this.#failed.push(child);
    if (!this.#killed) this.#killOthers(new GreenExit());
  }

  #killOthers(reason: unknown): void {
    this.#forbid(reason);
    for (const child of this.#children) {
      // The end of one that has not started is told on the stack of whoever is just leaving; it may be one of these, and
      // would be taken for one that kills itself.
      if (child === getHub().current) getHub().callSoon(() => child.kill(reason));
      else child.kill(reason);
    }
  }

  #onAbort(reason: unknown): void {
    this.#aborted = { error: reason };
    this.#forbid(reason);
    for (const child of this.#children) child.killByAbort(reason);
  }

  #forbid(reason: unknown): void {
    this.#killed = true;
    this.#reasons.add(reason);
    this.#abort?.abort(reason);
  }

  #refuseOwn(): void {
    const { current } = getHub();
    if (current instanceof Child && this.#children.has(current)) {
      throw new DeadlockError('A green thread of the group cannot wait for its end');
    }
  }

  #throwFailures(): void {
    const errors = new Set(this.#failed.filter((child) => !child.met).map((child) => child.error));
    this.#failed = [];
    const [first] = errors;
    if (errors.size === 1) throw first;
    if (errors.size > 1) {
      throw new AggregateError(errors, `${errors.size} green threads of a group failed`, { cause: first });
    }
    const aborted = this.#aborted;
    this.#aborted = null;
    if (aborted !== null) throw aborted.error;
  }
}

/** A green thread of a group; notes whether somebody has met its error. */
class Child extends GreenThread {
  met = false;

  override wait(options?: BlockingOptions): unknown {
    try {
      return super.wait(options);
    } catch (error) {
      if (this.dead && error === this.error) this.met = true;
      throw error;
    }
  }
}

const ignore = (): undefined => undefined;
