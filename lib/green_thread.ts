import { native, shared } from './realm';
import { DeadlockError, GreenExit, isGreenExit, TimeoutError } from './errors';
import { currentDomains, type Domains, enterDomains } from './hub/domain_scope';
import { type Flow, flowKind } from './hub/flow';
import { getHub } from './hub/registry';
import { type Timer } from './hub/timer_queue';
import { type BlockingOptions, park, requireGreen, validateBlockingOptions, type Waker } from './park';
import { addSpawnStack, formatSpawnStack, framesOf, type SpawnSite } from './spawn_stack';
import { invalidType, validateFunction } from './validate';
import { type Waiter, WaitQueue } from './wait_queue';

/** Where a green thread stands in its life. */
export type GreenThreadState = 'pending' | 'running' | 'suspended' | 'done' | 'failed' | 'killed';

/** A function called by the hub when a green thread has ended. */
export type LinkCallback<R> = (thread: GreenThread<R>) => void;

/** What `spawn` may be told beside the function. */
export interface SpawnOptions {
  /** For reports and `describe`; default `green-<id>`. */
  name?: string | undefined;
  /** Abort kills the green thread with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Whether AsyncLocalStorage stores are those of the spawner (default) or none. */
  context?: 'inherit' | 'empty' | undefined;
}

type AnyFunction = (...args: unknown[]) => unknown;

/** An error that waits to be thrown into a thread at its next suspension. */
/** Told of what is thrown into a green thread from outside. It must not hold the thread: it lies on the thread's own stack. */
interface Watcher {
  thrown(error: unknown): void;
  takenBack(error: unknown): void;
}

interface Pending {
  error: unknown;
}

const counter = shared('greenThreadIds', () => ({ next: 1 }));
const identity = new Float64Array(2);
const nothing: unknown[] = [];
const timedOut = Symbol('timed out');

/**
 * A function that runs on a stack of its own and may block without blocking anybody else. Made by `spawn`.
 *
 * Awaitable: `await thread`, `Promise.all([thread])`. Outcome, links and waiters work during and after its life, from
 * green threads, plain callbacks and async functions alike. Only `wait()` and `join()` need a green thread to block.
 *
 * The idea and the names are those of eventlet's GreenThread.
 */
export class GreenThread<R = unknown> implements PromiseLike<R>, Waiter, Flow {
  /** A number that no other green thread of this JavaScript thread ever has. */
  readonly id: number;
  /** The green thread that spawned this one; null if plain or async code did. */
  get parent(): GreenThread | null {
    return this.#parent?.deref() ?? null;
  }

  // --- the hub's and park()'s side; nothing below this line up to the constructor is for users -----------------------

  /** @internal */ slot = 0;
  /** @internal */ queue: WaitQueue | null = null;
  /** @internal */ before: Waiter | null = null;
  /** @internal */ after: Waiter | null = null;
  /** @internal */ carries: unknown = undefined;
  /** @internal */ parkTimer: Timer | null = null;
  /** @internal */ parkWaker: Waker | null = null;
  /** @internal */ parkRelease: (() => void) | null = null;
  /** @internal */ parkKeeps = false;
  /** @internal */ parkDeaf = false;
  /** @internal */ startTimer: Timer | null = null;
  /** @internal */ watcher: Watcher | null = null;
  /** @internal */ dropWithParent = false;

  #name: string | undefined;
  #state: GreenThreadState = 'pending';
  #parked = false; // suspended, and nobody has woken it yet
  #function: AnyFunction | null;
  #arguments: unknown[];
  #context: unknown;
  #domains: Domains | null;
  readonly #asyncId: number;
  readonly #triggerId: number;
  #parent: WeakRef<GreenThread> | null = null;
  readonly #site: SpawnSite;
  readonly #guest: boolean;
  #outcome: unknown; // the value, or the error
  #wakeValue: unknown;
  #wakeError: Pending | null = null;
  #pending: Pending[] | null = null;
  #kill: Pending | null = null;
  #quiet = false; // the kill's reason belongs to the owner of an AbortSignal
  #queued = false; // stands in the run queue, or has left it
  #started = false;
  #joiners: WaitQueue | null = null;
  #listeners: (() => void)[] | null = null;
  #cleanups: (() => void)[] | null = null;
  #links: LinkCallback<never>[] | null = null;
  #promise: Promise<R> | null = null;
  #ref: WeakRef<GreenThread> | null = null;

  /**
   * @internal Use `spawn`. One that stands for a `guest` is born running: its function, its stack, its async context and
   * its errors are the guest's.
   */
  constructor(fn: AnyFunction, args: unknown[], site: SpawnSite, options?: SpawnOptions, guest = false) {
    this.id = counter.next;
    counter.next += 1;
    this.#name = options?.name;
    this.#guest = guest;
    this.#site = site;
    this.#function = fn;
    this.#arguments = args;
    if (guest) {
      this.#state = 'running';
      this.#started = true;
      this.#domains = null;
      this.#asyncId = 0;
      this.#triggerId = 0;
      return;
    }
    this.#context = native.inherit(this, options?.context !== 'empty', identity);
    this.#domains = options?.context === 'empty' ? null : currentDomains();
    this.#asyncId = identity[0]!;
    this.#triggerId = identity[1]!;
    const hub = getHub();
    const spawner = hub.current as GreenThread | null;
    if (spawner !== null) this.#parent = spawner.weak();
    hub.live += 1;
  }

  /** The name given at spawn, or `green-<id>`. */
  get name(): string {
    return this.#name ?? `green-${this.id}`;
  }

  /** Where it stands: pending (not started), running, suspended, or ended as done, failed or killed. */
  get state(): GreenThreadState {
    return this.#state;
  }

  /** True once its function has been entered. */
  get started(): boolean {
    return this.#started;
  }

  /** True once it has ended, in whatever way. */
  get dead(): boolean {
    return this.#state === 'done' || this.#state === 'failed' || this.#state === 'killed';
  }

  /** What its function returned; undefined before that, and if it threw. */
  get value(): R | undefined {
    return this.#state === 'done' ? (this.#outcome as R) : undefined;
  }

  /** What its function threw, or the reason it was killed with; undefined before that, and if it returned. */
  get error(): unknown {
    return this.#state === 'failed' || this.#state === 'killed' ? this.#outcome : undefined;
  }

  /** The stack of the code that spawned it; empty if `debug.spawnStacks(false)` was in force. */
  get spawnStack(): string {
    return formatSpawnStack(this.#site);
  }

  /** Where it is parked now: the frames of its own stack. Empty unless it is suspended. */
  get stack(): string {
    if (this.#state !== 'suspended') return '';
    return framesOf(getHub().inspect(this.slot));
  }

  /**
   * Blocks until the green thread has ended, and gives its outcome. Any number of waiters, also after the end.
   * @param options - `timeout` in milliseconds, `signal`
   * @returns what its function returned
   * @throws what its function threw, as the same object; a kill's reason; `ERR_VERDANT_TIMEOUT`; the signal's reason;
   * `ERR_VERDANT_NOT_GREEN` outside a green thread
   */
  wait(options?: BlockingOptions): R {
    if (!this.#await('GreenThread.wait()', options)) {
      throw new TimeoutError(`GreenThread.wait() timed out after ${options?.timeout} ms`);
    }
    if (this.#state === 'done') return this.#outcome as R;
    throw this.#outcome;
  }

  /**
   * Blocks until the green thread has ended, however it ended.
   * @param options - `timeout` in milliseconds, `signal`
   * @returns true when it has ended, false when the timeout came first
   * @throws the signal's reason; `ERR_VERDANT_NOT_GREEN` outside a green thread
   */
  join(options?: BlockingOptions): boolean {
    return this.#await('GreenThread.join()', options);
  }

  // False when the timeout came before the end.
  #await(call: string, options: BlockingOptions | undefined, deaf = false): boolean {
    validateBlockingOptions(options);
    if (requireGreen(call) === this) throw new DeadlockError('A green thread cannot wait for its own end');
    if (!this.dead) {
      this.#joiners ??= new WaitQueue();
      const outcome = park(call, { ...options, queue: this.#joiners, timeoutValue: timedOut, deaf });
      if (outcome === timedOut) return false;
    }
    this.observe();
    return true;
  }

  /**
   * Has the hub call `callback` with this green thread once it has ended (at the next turn if it has already). Links run
   * in order, outside of any green thread; one that throws does not stop the others, its error is reported as an
   * unhandled rejection.
   */
  link(callback: LinkCallback<R>): void {
    validateFunction(callback, 'callback');
    this.#links ??= [];
    this.#links.push(callback);
    if (this.dead) {
      this.observe();
      this.#callLinks();
    }
  }

  /** Takes a link back. True if it was there and has not been called. */
  unlink(callback: LinkCallback<R>): boolean {
    const at = this.#links?.indexOf(callback) ?? -1;
    if (at === -1) return false;
    this.#links?.splice(at, 1);
    return true;
  }

  /**
   * Ends the green thread: at the hub's next turn `reason` is thrown where it is suspended (its `finally` blocks run), or
   * it never starts. The caller keeps running; killing oneself throws right here. No effect on a green thread that has
   * ended. A `GreenExit` that is swallowed is thrown again at every further suspension.
   * @param reason - default: a new `GreenExit`, which nobody needs to handle
   */
  kill(reason: unknown = new GreenExit()): void {
    if (this.dead) return;
    if (getHub().current === this) throw reason;
    this.#kill ??= { error: reason };
    if (this.slot === 0) this.#startNow();
    else this.interrupt(reason);
  }

  /** @internal As kill, but the reason comes from an AbortSignal, whose owner knows it: it is no unhandled failure. */
  killByAbort(reason: unknown): void {
    if (this.dead || this.#kill !== null) return;
    this.#quiet = true;
    if (getHub().current !== this) {
      this.kill(reason);
      return;
    }
    this.#kill = { error: reason };
    this.#defer(this.#kill);
    this.watcher?.thrown(reason);
  }

  /**
   * Kills the green thread if it has not started yet.
   * @returns true if it will never start
   */
  cancel(reason?: unknown): boolean {
    if (this.dead || this.started) return false;
    this.kill(reason);
    return true;
  }

  /** The outcome as a promise; as for every promise, see `Promise.prototype.then`. Makes the green thread awaitable. */
  then<T1 = R, T2 = never>(
    onfulfilled?: ((value: R) => T1 | PromiseLike<T1>) | null,
    onrejected?: ((reason: unknown) => T2 | PromiseLike<T2>) | null,
  ): Promise<T1 | T2> {
    return this.promise().then(onfulfilled, onrejected);
  }

  /** See `Promise.prototype.catch`. */
  catch<T = never>(onrejected?: ((reason: unknown) => T | PromiseLike<T>) | null): Promise<R | T> {
    return this.promise().catch(onrejected);
  }

  /** See `Promise.prototype.finally`. */
  finally(onfinally?: (() => void) | null): Promise<R> {
    return this.promise().finally(onfinally);
  }

  /** @internal The promise of the outcome; making it counts as somebody waiting. */
  promise(): Promise<R> {
    this.#promise ??= new Promise<R>((resolve, reject) => {
      const settle = (): void => {
        if (this.#state === 'done') resolve(this.#outcome as R);
        else reject(this.#outcome);
      };
      if (this.dead) settle();
      else this.onEnd(settle);
    });
    return this.#promise;
  }

  /** Kills it, and waits for its end when called on a green thread. For `using`. */
  [Symbol.dispose](): void {
    if (getHub().current === this) return;
    this.kill();
    // A thread that leaves the scope because it was killed still waits here: its own kill is on its way already.
    if (!this.dead && getHub().current !== null) this.#await('GreenThread[Symbol.dispose]()', undefined, true);
  }

  /** Kills it and resolves at its end. For `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (getHub().current !== this) this.kill();
    await this.promise().then(ignore, ignore);
  }

  /** Name, state and stacks, as in reports. */
  describe(): string {
    const parked = this.#state === 'suspended' ? this.stack : '';
    const spawned = this.spawnStack;
    return [`${this.name} (${this.#state})`, parked, spawned && `    --- spawned at ---\n${spawned}`]
      .filter((part) => part !== '')
      .join('\n');
  }

  static {
    Object.defineProperty(this.prototype, Symbol.toStringTag, { value: 'GreenThread', configurable: true });
  }

  // --- life, as the hub drives it -----------------------------------------------------------------------------------

  /** @internal */
  weak(): WeakRef<GreenThread> {
    this.#ref ??= new WeakRef(this);
    return this.#ref;
  }

  /** @internal Tells `listener` of the end at once, on whatever stack it happens. It must not throw or block. */
  onEnd(listener: () => void): void {
    this.#listeners ??= [];
    this.#listeners.push(listener);
  }

  /** @internal */
  offEnd(listener: () => void): void {
    const at = this.#listeners?.indexOf(listener) ?? -1;
    if (at !== -1) this.#listeners?.splice(at, 1);
  }

  /** @internal As onEnd, for somebody who lets go of something and does not look at the outcome. */
  onCleanup(cleanup: () => void): void {
    this.#cleanups ??= [];
    this.#cleanups.push(cleanup);
  }

  /** @internal Ready to start, after all that are ready now. */
  start(): void {
    this.#queued = true;
    getHub().delayed.delete(this);
    getHub().schedule(this);
  }

  #startNow(): void {
    if (this.#queued) return;
    this.startTimer?.cancel();
    this.start();
  }

  /** @internal */
  discard(): boolean {
    this.startTimer = null;
    const dropped = this.dropWithParent && (this.parent === null || this.parent.dead);
    if (this.#kill === null && !dropped) return false;
    this.#end('killed', this.#kill === null ? new GreenExit('Its spawner ended before it started') : this.#kill.error);
    return true;
  }

  /** @internal */
  crashed(error: unknown): void {
    if (!this.dead) this.#end('failed', error);
  }

  /** @internal */
  crashSoon(): void {
    this.kill();
  }

  /** @internal The function to run; the caller's frame must not hold the thread while it runs. */
  begin(): { fn: AnyFunction; args: unknown[] } {
    this.slot = native.current();
    this.#state = 'running';
    this.#started = true;
    native.begin(this, this.#asyncId, this.#triggerId, this.#context);
    enterDomains(this.#domains);
    this.#domains = null;
    const work = { fn: this.#function!, args: this.#arguments };
    this.#function = null;
    this.#arguments = nothing;
    this.#context = undefined;
    return work;
  }

  /** @internal */
  returned(value: unknown): void {
    this.#end('done', value);
  }

  /** @internal */
  threw(error: unknown): void {
    const byKill = this.#kill !== null && this.#kill.error === error;
    this.#end(byKill || isGreenExit(error) ? 'killed' : 'failed', error);
  }

  #end(state: 'done' | 'failed' | 'killed', outcome: unknown): void {
    const hub = getHub();
    this.#state = state;
    this.#outcome = outcome;
    this.#function = null;
    this.#arguments = nothing;
    this.#context = undefined;
    this.#pending = null;
    if (!this.#guest) {
      if (this.slot !== 0) native.end(this.#asyncId, this.#triggerId);
      hub.live -= 1;
      if (state !== 'done') addSpawnStack(outcome, this.#site);
    }
    const cleanups = this.#cleanups;
    this.#cleanups = null;
    for (const cleanup of cleanups ?? []) cleanup();
    const observed = this.#tell();
    if (this.#guest || state === 'done' || observed || isGreenExit(outcome)) return;
    if (this.#quiet && state === 'killed') return;
    // Nobody listens: Node's own policy for unhandled rejections, exactly once. A later wait() or await marks it handled.
    this.#promise = Promise.reject<R>(outcome);
  }

  // Tells everybody who waits; true if anybody did.
  #tell(): boolean {
    let observed = false;
    for (let joiner = this.#joiners?.first ?? null; joiner !== null; joiner = this.#joiners?.first ?? null) {
      observed = true;
      this.#joiners?.remove(joiner);
      joiner.wake(undefined);
    }
    const listeners = this.#listeners;
    this.#listeners = null;
    for (const listener of listeners ?? []) {
      observed = true;
      listener();
    }
    if (this.#links !== null && this.#links.length > 0) {
      observed = true;
      this.#callLinks();
    }
    return observed;
  }

  #callLinks(): void {
    getHub().callSoon(() => {
      for (let link = this.#links?.shift(); link !== undefined; link = this.#links?.shift()) {
        try {
          (link as LinkCallback<R>)(this);
        } catch (error) {
          void Promise.reject(error);
        }
      }
    });
  }

  /** @internal The outcome has reached somebody: if it was already reported as unhandled, take that back. */
  observe(): void {
    this.#promise?.catch(ignore);
  }

  // --- one suspension, as park() drives it --------------------------------------------------------------------------

  /** @internal Throws what was sent while the thread was running, and a kill that was swallowed. */
  throwPending(): void {
    const pending = this.#pending?.shift();
    if (pending !== undefined) throw pending.error;
    if (this.#kill !== null && isGreenExit(this.#kill.error)) throw this.#kill.error;
  }

  /** @internal */
  suspended(keeps: boolean, deaf: boolean): void {
    this.#state = 'suspended';
    this.#parked = true;
    this.parkKeeps = keeps;
    this.parkDeaf = deaf;
    this.#wakeValue = undefined;
    this.#wakeError = null;
  }

  /** @internal It runs again: the outcome of its wait. */
  resumed(): unknown {
    this.#state = 'running';
    const error = this.#wakeError;
    const value = this.#wakeValue;
    this.#wakeError = null;
    this.#wakeValue = undefined;
    if (error !== null) throw error.error;
    return value;
  }

  /** @internal Ends the wait with `value`. False if it has ended already. */
  wake(value: unknown): boolean {
    if (!this.#parked) return false;
    this.#wakeValue = value;
    this.#unpark();
    return true;
  }

  /** @internal Ends the wait with an error. False if it has ended already. */
  wakeWithError(error: unknown): boolean {
    if (!this.#parked) return false;
    this.#wakeError = { error };
    this.#unpark();
    return true;
  }

  /** @internal Throws `error` at the present suspension, or else at the next one. Returns how to take it back. */
  interrupt(error: unknown): Pending | null {
    if (this.dead) return null;
    const pending = { error };
    if (this.#parked && !this.parkDeaf) {
      this.#wakeError = pending;
      this.#unpark();
    } else if (!this.#parked && this.#state === 'suspended' && !this.parkKeeps && this.#wakeError === null) {
      this.#wakeError = pending; // woken with a value that nobody misses, but it has not run yet
    } else {
      this.#defer(pending);
    }
    this.watcher?.thrown(error);
    return pending;
  }

  /** @internal Takes back an interrupt that has not ended a wait yet. */
  forgive(pending: Pending): void {
    const at = this.#pending?.indexOf(pending) ?? -1;
    if (at !== -1) this.#pending?.splice(at, 1);
    this.watcher?.takenBack(pending.error);
  }

  #defer(pending: Pending): void {
    this.#pending ??= [];
    this.#pending.push(pending);
  }

  #unpark(): void {
    this.#parked = false;
    this.queue?.remove(this);
    this.letGo();
    this.ready();
  }

  /** @internal It can go on; at the hub's next turn it does. */
  ready(): void {
    getHub().schedule(this);
  }

  /** @internal Nothing can wake the thread from its present wait any more. */
  letGo(): void {
    this.parkTimer?.cancel();
    this.parkTimer = null;
    if (this.parkWaker !== null) this.parkWaker.thread = null;
    this.parkWaker = null;
    const release = this.parkRelease;
    this.parkRelease = null;
    release?.();
  }

  /** @internal The wait could not be set up, so it ends before it has begun. False if it has ended already. */
  notSuspended(): boolean {
    if (!this.#parked) return false;
    this.#state = 'running';
    this.#parked = false;
    this.queue?.remove(this);
    this.letGo();
    return true;
  }

  // --- unreachable threads ------------------------------------------------------------------------------------------

  /** @internal A new object for a suspended thread whose own was collected: only its stack is left to be unwound. */
  static unwind(slot: number): void {
    const zombie = new GreenThread(ignore, nothing, null, { name: 'unreachable' });
    getHub().live -= 1; // it takes the place of the one that was lost
    zombie.slot = slot;
    zombie.#state = 'suspended';
    zombie.#parked = true;
    if (native.adopt(slot, zombie)) zombie.kill(new GreenExit('Nothing could reach the green thread any more'));
  }
}

/** Checks an argument that must be a green thread, of whichever copy of verdant. */
export function validateGreenThread(value: unknown, name: string): asserts value is GreenThread {
  if (typeof (value as Partial<GreenThread> | null)?.onEnd !== 'function') {
    throw invalidType(name, 'a GreenThread', value);
  }
}

const ignore = (): undefined => undefined;

function takeWork(): { fn: AnyFunction; args: unknown[] } {
  return (getHub().current as GreenThread).begin();
}

function takeCurrent(): GreenThread {
  const hub = getHub();
  const ended = hub.current as GreenThread;
  hub.running = null;
  return ended;
}

flowKind.run = () => {
  const { fn, args } = takeWork();
  let value: unknown;
  try {
    value = fn(...args);
  } catch (error) {
    takeCurrent().threw(error);
    return;
  }
  takeCurrent().returned(value);
};

flowKind.abandoned = (slot) => {
  GreenThread.unwind(slot);
};

export type { Pending, Watcher };
