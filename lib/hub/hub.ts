import { EventEmitter } from 'node:events';
import { AsyncResource } from 'node:async_hooks';
import { ClosedError, VerdantError } from '../errors';
import { native } from '../realm';
import { EPERM, systemError } from '../system_error';
import { invalidType, outOfRange, validateFunction, validateMilliseconds } from '../validate';
import { Descriptors, validateDescriptor } from './descriptors';
import { enterDomains, leaveDomains } from './domain_scope';
import { type Flow, flowKind, guestKind } from './flow';
import { Listener, type ListenerKind } from './listener';
import { RunQueue } from './run_queue';
import { type Timer, TimerQueue } from './timer_queue';
import { lookAfterYoungGeneration } from './young_generation';

/** A hub's counters at one moment. */
export interface HubStats {
  /** The hub's kind, e.g. `node`. */
  name: string;
  /** Green threads that have been spawned and have not ended. */
  greenThreads: number;
  /** Green threads ready to run. */
  ready: number;
  /** Pending timers. */
  timers: number;
  /** Green threads and callbacks that wait for a file descriptor. */
  listeners: number;
  /** Suspended coroutines in this environment. */
  suspended: number;
  /** Stack switches in this environment so far. */
  switches: number;
  /** Turns of the hub so far. */
  turns: number;
  /** Stacks in use, and stacks kept for reuse. */
  stacks: {
    /** Stacks of suspended and running green threads. */
    inUse: number;
    /** Stacks kept for reuse. */
    idle: number;
  };
}

/** How long after its start a turn may go on before the loop's other work gets its chance, in milliseconds. */
const defaultSwitchInterval = 5;

/** Even a hub with no budget lets one green thread run in each pass of the loop. */
const leastBudget = 0.001;

/** Switches in a row before promise reactions get their chance. A return to main costs as much as a few switches. */
const switchesPerDrain = 256;

/** How many green threads that never have to wait get their share in one pass. */
const sharesInPass = 5;

/** How many calls in a row may succeed without waiting before the clock is looked at. */
const unparkedCalls = 32;

export const exiting = 'The process is exiting: nothing can be waited for any more';

// What next() may return beside a coroutine's slot.
const main = 0;
const fresh = -1;
const self = -2;

/**
 * Decides who runs. Its turns run on Node's own stack; in a turn, green threads hand over to each other directly, oldest
 * first, until none is ready or the turn's budget is spent. A subclass says how a turn is brought about.
 *
 * Rules that the code below keeps:
 * 1. A turn never starts inside the caller of schedule(): it comes from the loop.
 * 2. The stack frames of a suspended green thread never hold the GreenThread object: else it could not be found
 *    unreachable. So methods that stay on a stack during a switch deal in slot numbers only.
 */
export abstract class Hub extends EventEmitter {
  /** The kind of hub, as in `useHub(name)`. */
  abstract readonly name: string;

  /**
   * Longest time, in milliseconds, for which green threads that keep each other busy may hold up Node's timers, I/O and
   * promises (a green thread that computes without ever suspending holds them up longer). Default 5. Finite.
   */
  get switchInterval(): number {
    return this.#switchInterval;
  }

  /** Throws `ERR_OUT_OF_RANGE` for what is not a finite number of milliseconds from 0 on. */
  set switchInterval(ms: number) {
    validateMilliseconds(ms, 'switchInterval');
    if (ms === Infinity) throw outOfRange('switchInterval', 'finite', ms);
    this.#switchInterval = ms;
  }

  #switchInterval = defaultSwitchInterval;

  /** @internal The flow that is running; null on Node's own stack, and in a guest that nobody has asked for its flow. */
  running: Flow | null = null;
  /** @internal The innermost guest that runs. */
  guest: object | null = null;

  /** @internal The flow that is running, whatever it runs in; null on Node's own stack. */
  get current(): Flow | null {
    return this.running ?? (this.guest === null ? null : guestKind.flow());
  }

  /** @internal Why no green thread may be suspended any more, or null. */
  closed: string | null = null;
  /** @internal Flows that have been spawned and have not ended. */
  live = 0;

  /** @internal Flows that are to start at some later time. */
  readonly delayed = new Set<Flow>();

  /** @internal What is waited for in the kernel. */
  readonly descriptors = new Descriptors((newPass) => this.turnForEvents(newPass));

  readonly #ready = new RunQueue<Flow>();
  readonly #calls = new RunQueue<() => void>();
  // The loop must not be kept awake for a timer that was cancelled outside of a turn.
  readonly #timers = new TimerQueue(() => {
    if (!this.#turning) this.#wake();
  });
  readonly #client: number;
  #leaving: Flow | null = null;
  #now = 0;
  #passEnd = 0;
  #switchesLeft = 0;
  #unparked = 0;
  #turns = 0;
  #turning = false;
  #wakePending = false;
  #keepsAlive = true;

  constructor() {
    super();
    // What each new coroutine runs: one fresh flow after the other, until somebody who has a stack is next in line.
    const entry = (): number => {
      for (;;) {
        flowKind.run();
        leaveDomains();
        this.#now = native.now();
        const slot = this.#next();
        if (slot !== fresh) return slot;
      }
    };
    this.#client = native.registerClient(entry, (slot) => flowKind.abandoned(slot));
  }

  // --- what a subclass provides -------------------------------------------------------------------------------------

  /**
   * Arranges for `turn()` to be called from the loop: `soon` before I/O is looked at, but behind the promise reactions that
   * wait already; else after I/O.
   */
  protected abstract requestTurn(soon: boolean): void;
  /** Arranges for `turn()` at `deadline` (on `time()`'s clock), or takes the last such request back. */
  protected abstract requestTurnAt(deadline: number | null): void;
  /** Gives back all that the hub holds in the loop. */
  protected abstract release(): void;
  /** Called from the loop when descriptors have become ready: the next turn wakes those who wait for them. */
  protected turnForEvents(newPass: boolean): void {
    this.turn(newPass);
  }
  /** The clock of timers, in milliseconds. Tests replace it. */
  time(): number {
    return native.now();
  }
  /** True while pending turns and timers keep the process alive. */
  protected get keepsAlive(): boolean {
    return this.#keepsAlive;
  }
  /** Called when `ref()` or `unref()` changed `keepsAlive`. */
  protected abstract keepAliveChanged(): void;

  // --- for everybody ------------------------------------------------------------------------------------------------

  /**
   * Calls `callback` on Node's own stack (not on a green thread) after `ms` milliseconds, whatever becomes of the caller.
   * @param ms - milliseconds from now
   * @param callback - must not block
   * @param args - its arguments
   * @returns a timer with `cancel()` and `pending`
   */
  scheduleCallGlobal<A extends unknown[]>(ms: number, callback: (...args: A) => void, ...args: A): Timer {
    validateMilliseconds(ms, 'ms');
    validateFunction(callback, 'callback');
    const bound = AsyncResource.bind(() => callback(...args));
    const timer = this.startTimer(ms, () => this.callSoon(bound));
    this.#wake();
    return timer;
  }

  /**
   * As `scheduleCallGlobal`, but cancelled when the green thread that called it ends first.
   * @param ms - milliseconds from now
   * @param callback - must not block
   * @param args - its arguments
   */
  scheduleCallLocal<A extends unknown[]>(ms: number, callback: (...args: A) => void, ...args: A): Timer {
    const timer = this.scheduleCallGlobal(ms, callback, ...args);
    this.current?.onCleanup(() => timer.cancel());
    return timer;
  }

  /**
   * Calls `callback` on Node's own stack at the hub's next turn, and wakes the hub if it sleeps. Legal at any time and
   * from anywhere in this thread: callbacks, microtasks, finalizers, signal handlers, green threads.
   * @param callback - must not block
   */
  runThreadsafe(callback: () => void): void {
    validateFunction(callback, 'callback');
    this.callSoon(AsyncResource.bind(callback));
  }

  /**
   * Calls `callback` on Node's own stack whenever `fd` is ready, until `remove` takes it back: as long as it stays ready,
   * once in each turn. When `notifyClose(fd)` is called, or the descriptor is found to be closed, the listener is gone.
   * @param kind - `'read'` or `'write'`
   * @param fd - a file descriptor: socket, pipe, terminal, eventfd
   * @param callback - must not block
   * @param options - `multipleReaders`: if somebody waits for the same already, stand in line behind them; the first in
   * line is called
   * @returns what `remove` takes
   * @throws `ERR_VERDANT_CONCURRENT_USE` if somebody waits for the same already; `EBADF`; `EPERM` for a regular file, which
   * is always ready
   */
  add(kind: ListenerKind, fd: number, callback: () => void, options?: { multipleReaders?: boolean }): Listener {
    validateKind(kind);
    validateDescriptor(fd);
    validateFunction(callback, 'callback');
    if (this.closed !== null) throw new ClosedError(this.closed);
    const bound = AsyncResource.bind(callback);
    let due = false;
    const listener = new Listener(kind, fd, (error) => {
      if (due || error !== null) return;
      due = true;
      this.callSoon(() => {
        due = false;
        if (listener.active) bound();
      });
    });
    const descriptor = this.descriptors.watch(fd, false);
    if (descriptor === null) throw systemError(EPERM, 'epoll_ctl');
    if (options?.multipleReaders !== true) descriptor.refuseSecond(kind, null);
    descriptor.side(kind).push(listener);
    if (descriptor.side(kind).first === listener) this.descriptors.rearm(descriptor);
    this.descriptors.settle();
    return listener;
  }

  /**
   * Takes a listener back; its callback is not called any more.
   * @param listener - from `add`
   * @returns false if it was gone already
   */
  remove(listener: Listener): boolean {
    if (!(listener instanceof Listener)) throw invalidType('listener', 'what hub.add() has returned', listener);
    const { queue } = listener;
    queue?.remove(listener);
    this.descriptors.settle();
    return queue !== null;
  }

  /** The hub's counters. */
  stats(): HubStats {
    const { switches, suspended, stacksInUse, stacksIdle } = native.stats();
    return {
      name: this.name,
      greenThreads: this.live,
      ready: this.#ready.size,
      timers: this.#timers.size,
      listeners: this.descriptors.waiting,
      suspended,
      switches,
      turns: this.#turns,
      stacks: { inUse: stacksInUse, idle: stacksIdle },
    };
  }

  /** Pending turns and timers keep the process alive (the default). */
  ref(): this {
    return this.#setKeepsAlive(true);
  }

  /** The process may end although green threads are ready or sleeping. */
  unref(): this {
    return this.#setKeepsAlive(false);
  }

  // --- for the floors above -----------------------------------------------------------------------------------------

  /** @internal Lets `flow` run, after all that are ready now. */
  schedule(flow: Flow): void {
    this.#ready.push(flow);
    if (!this.#turning) this.#wake();
  }

  /** @internal Calls `callback` on Node's own stack at the next turn. */
  callSoon(callback: () => void): void {
    this.#calls.push(callback);
    if (!this.#turning) this.#wake();
  }

  /** @internal A call in the hub's turn once `ms` have passed. `callback` must not throw. */
  startTimer(ms: number, callback: () => void): Timer {
    const timer = this.#timers.add(this.time() + ms, callback);
    if (!this.#turning) this.#wake();
    return timer;
  }

  /**
   * @internal Throws, before anything has changed, if the running green thread cannot be suspended here and now: too
   * little stack left, or a place the engine cannot switch from.
   */
  checkpoint(): void {
    if (this.closed !== null) throw new ClosedError(this.closed);
    const now = native.checkpoint();
    if (typeof now === 'number') this.#now = now;
    else if (now === null) throw new RangeError('Maximum call stack size exceeded');
    else throw new VerdantError('ERR_VERDANT_CANNOT_SUSPEND', now);
  }

  /** @internal Suspends the running flow until somebody schedules it. The caller has made sure that somebody will. */
  switchOut(): void {
    if (this.guest !== null) {
      this.#leaveGuest();
      return;
    }
    const domains = leaveDomains();
    for (;;) {
      const slot = this.#next();
      if (slot === self || this.#switch(slot)) break;
      this.running = this.#leaving; // the fresh flow could not be launched: choose again
    }
    this.#leaving = null;
    while (this.#inspection !== null) this.#answerInspection();
    enterDomains(domains);
  }

  // Back to whoever called the guest, until it is called again.
  #leaveGuest(): void {
    if (!this.#turning) this.descriptors.settle(); // no turn's end will tell the loop what is waited for
    guestKind.leaving();
    native.leave();
    while (this.#inspection !== null) this.#answerInspection();
    guestKind.back();
  }

  /** @internal Where a suspended flow is parked: its own stack trace, or null if it cannot be had. */
  inspect(slot: number): string | null {
    if (slot === native.current() || this.#inspection !== null) return null;
    this.#inspection = { back: native.current(), stack: null };
    try {
      native.switchTo(slot);
      return this.#inspected;
    } catch {
      return null;
    } finally {
      this.#inspection = null;
      this.#inspected = null;
    }
  }

  #inspection: { back: number; stack: string | null } | null = null;
  #inspected: string | null = null;

  #answerInspection(): void {
    const { back } = this.#inspection as { back: number };
    this.#inspection = null;
    this.#inspected = new Error('parked').stack ?? null;
    native.switchTo(back);
  }

  // --- the turn -----------------------------------------------------------------------------------------------------

  /**
   * Runs what is due and ready. Called by the subclass on Node's own stack.
   * @param newPass - the loop has looked after its timers and I/O since the last turn: a new budget begins
   */
  protected turn(newPass: boolean): void {
    if (this.closed !== null) return;
    if (this.#turning) {
      this.descriptors.dispatch(); // a green thread runs Node's loop; the events would be overwritten
      return;
    }
    if (this.guest !== null) {
      // A fiber runs Node's loop: turns belong to Node's own stack.
      this.descriptors.dispatch();
      this.#wakePending = true;
      this.requestTurn(false);
      return;
    }
    this.#turning = true;
    this.#wakePending = false;
    this.#turns += 1;
    this.#now = native.now();
    if (newPass) this.#passEnd = this.#now + Math.max(this.#switchInterval, leastBudget);
    this.#switchesLeft = switchesPerDrain;
    const domains = leaveDomains();
    try {
      this.#fireTimers();
      this.descriptors.dispatch();
      this.#runCalls();
      this.#runFlows();
    } finally {
      this.#turning = false;
      enterDomains(domains);
      this.#arrangeNextTurn();
    }
  }

  #fireTimers(): void {
    const now = this.time();
    for (let fire = this.#timers.takeDue(now); fire !== null; fire = this.#timers.takeDue(now)) fire();
  }

  // A call that throws is reported as uncaught; the rest run in the turn that is then arranged.
  #runCalls(): void {
    for (let left = this.#calls.size; left > 0; left -= 1) this.#calls.shift()?.();
  }

  #runFlows(): void {
    for (;;) {
      const slot = this.#next();
      if (slot === main || slot === self) return;
      try {
        this.#switch(slot);
      } finally {
        // Whoever handed over to main has said so; else the engine ended it: V8 terminated the script, or the stack
        // overflowed where nothing could catch it.
        const crashed = this.running;
        this.running = null;
        this.#leaving = null;
        crashed?.crashed(
          new VerdantError('ERR_VERDANT_TERMINATED', 'V8 ended the green thread (a vm timeout, perhaps)'),
        );
      }
    }
  }

  #next(): number {
    this.#leaving = this.running;
    this.#switchesLeft -= 1;
    while (this.#switchesLeft > 0 && this.#now < this.#passEnd && this.#calls.size === 0) {
      const flow = this.#ready.shift();
      if (flow === undefined) break;
      this.running = null; // whoever is told of the end of one that never started is on no green thread
      if (flow.slot === 0 && flow.discard()) continue;
      this.running = flow;
      if (flow === this.#leaving) return self;
      return flow.slot || fresh;
    }
    this.running = null;
    return main;
  }

  // False when a fresh flow could not be launched: it has failed with the reason, and the caller still runs.
  #switch(slot: number): boolean {
    if (slot !== fresh) {
      native.switchTo(slot, this.#ready.first?.slot);
      return true;
    }
    try {
      native.launch(this.#client);
      return true;
    } catch (error) {
      const refused = this.running;
      this.running = null;
      if (refused === null) throw error; // not the launch: an exception that escaped from a flow, on its way to Node
      refused.crashed(asVerdantError(error));
      return false;
    }
  }

  #wake(): void {
    if (this.#wakePending || this.closed !== null) return;
    this.#wakePending = true;
    this.requestTurn(native.now() < this.#passEnd);
  }

  #arrangeNextTurn(): void {
    if (this.closed !== null) return;
    if (this.#ready.size > 0 || this.#calls.size > 0) this.#wake();
    this.requestTurnAt(this.#timers.earliest());
    this.descriptors.settle();
    lookAfterYoungGeneration(this.live);
  }

  /** @internal True when no green thread is ready, no timer or call is due ever, and nobody waits for a descriptor. */
  get idle(): boolean {
    const waiting = this.#ready.size + this.#calls.size + this.#timers.size + this.descriptors.waiting;
    return waiting === 0;
  }

  /** @internal True when the running green thread has had its share: calls that never had to wait let others run then. */
  get overdue(): boolean {
    if (this.#unparked < unparkedCalls) {
      this.#unparked += 1;
      return false;
    }
    this.#unparked = 0;
    const now = native.now();
    // Several shares fit into a pass, so that whom it has woken runs in it.
    return now >= this.#passEnd || now - this.#now >= this.#switchInterval / sharesInPass;
  }

  /** @internal All suspended flows, oldest first. */
  suspendedFlows(): Flow[] {
    return [...(native.owners(this.#client) as Flow[]), ...guestKind.blocked()].sort((a, b) => a.id - b.id);
  }

  /**
   * Ends the hub: every green thread is killed (its `finally` blocks run), timers and calls are dropped, and nothing is
   * left in Node's loop. Blocking calls then fail with `ERR_VERDANT_CLOSED`. `getHub()` makes a new hub.
   * Must be called outside of green threads; else it throws `ERR_VERDANT_HUB`.
   */
  destroy(): void {
    if (this.closed !== null) return;
    if (this.running !== null || this.guest !== null || this.#turning) {
      throw new VerdantError('ERR_VERDANT_HUB', 'hub.destroy() must be called outside of green threads');
    }
    for (const flow of this.suspendedFlows()) flow.crashSoon();
    // Each round lets every killed green thread run to its next suspension, where the kill meets it again; what it spawns
    // meanwhile never starts.
    for (let rounds = 0; rounds < 1000; rounds += 1) {
      for (const flow of [...this.#ready, ...this.delayed]) flow.crashSoon();
      if (this.#ready.size === 0 && this.#calls.size === 0) break;
      this.turn(true);
    }
    this.close('The hub was destroyed');
    this.emit('destroy');
    this.removeAllListeners();
  }

  /** @internal No green thread is suspended or resumed from now on. */
  close(why: string): void {
    if (this.closed !== null) return;
    this.closed = why;
    this.release();
    this.descriptors.close(why);
  }

  #setKeepsAlive(keepsAlive: boolean): this {
    if (keepsAlive !== this.#keepsAlive) {
      this.#keepsAlive = keepsAlive;
      this.descriptors.keepAlive(keepsAlive);
      this.keepAliveChanged();
    }
    return this;
  }
}

function validateKind(kind: unknown): asserts kind is ListenerKind {
  if (kind !== 'read' && kind !== 'write') throw invalidType('kind', "'read' or 'write'", kind);
}

function asVerdantError(error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message: string };
  return typeof code === 'string' ? new VerdantError(code, message) : error;
}
