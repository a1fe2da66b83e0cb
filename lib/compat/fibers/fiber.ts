import { currentDomains, type Domains, enterDomains, leaveDomains } from '../../hub/domain_scope';
import { type Flow, guestKind } from '../../hub/flow';
import { getHub } from '../../hub/registry';
import { native } from '../../realm';
import { codeOf, VerdantError } from '../../errors';
import { FiberThread } from './fiber_thread';
import { stacks } from './stacks';
import { type FiberConstructor } from './types';

type AnyFunction = (...args: unknown[]) => unknown;

const enum Phase {
  /** Not started, or back from its end. */
  idle,
  running,
  /** In Fiber.yield(). */
  yielding,
  /** In a blocking call: the hub knows when it goes on. */
  blocked,
}

/** What `native.call()` says when V8 ended the caller before it had called. */
const interrupted = 2;

/** The slots of blocked fibers: of one that is lost, nothing else is left. */
const blockedSlots = new Set<number>();

/**
 * A fiber: a coroutine that runs inside of `run()`, on a stack of its own. Both switches are direct.
 *
 * No frame that stays on a fiber's stack while it is away may hold the fiber (see hub.ts): so what happens before and after
 * a switch is in functions of their own.
 */
export class FiberObject {
  readonly #fn: AnyFunction;
  #phase: Phase = Phase.idle;
  #slot = 0;
  #given = false; // run() was given a value to start with
  #passed: unknown; // the value on its way in or out
  #failed = false; // it is to be thrown
  #zombie: Error | null = null;
  #thread: FiberThread | null = null;
  #domains: Domains | null = null;

  constructor(fn: AnyFunction) {
    this.#fn = fn;
  }

  static isFiber(value: unknown): value is FiberObject {
    return typeof value === 'object' && value !== null && #phase in value;
  }

  get started(): boolean | undefined {
    return FiberObject.isFiber(this) ? this.#phase !== Phase.idle : undefined;
  }

  run(value?: unknown): unknown {
    if (!FiberObject.isFiber(this)) throw illegal();
    if (this.#phase !== Phase.yielding && this.#phase !== Phase.idle) throw new Error('This Fiber is already running');

    const count = arguments.length;
    if (count > 1) throw new TypeError('run() excepts 1 or no arguments');
    this.#given = count === 1;
    return this.#enter(value, false);
  }

  throwInto(error?: unknown): unknown {
    if (!FiberObject.isFiber(this)) throw illegal();
    if (this.#phase !== Phase.yielding) throw new Error('This Fiber is not yielding');

    if (arguments.length > 1) throw new TypeError('throwInto() expects 1 or no arguments');
    return this.#enter(error, true);
  }

  reset(): unknown {
    if (!FiberObject.isFiber(this)) throw illegal();
    if (this.#phase === Phase.idle) return undefined;
    if (this.#phase !== Phase.yielding) throw new Error('This Fiber is not yielding');

    if (arguments.length > 0) throw new TypeError('reset() expects no arguments');
    return this.#unwind();
  }

  /** The one that runs, if any. */
  static get running(): FiberObject | null {
    return getHub().guest as FiberObject | null;
  }

  // --- the fiber's side of a switch ---------------------------------------------------------------------------------

  static leave(value: unknown, count: number): void {
    const fiber = FiberObject.running;
    if (fiber === null) throw new Error('yield() called with no fiber running');
    if (fiber.#zombie !== null) throw fiber.#zombie;
    if (count > 1) throw new TypeError('yield() expects 1 or no arguments');
    fiber.#pass(value, Phase.yielding);
  }

  /** It could not leave: it runs on. */
  static stay(): void {
    const fiber = FiberObject.running!;
    fiber.#passed = undefined;
    fiber.#phase = Phase.running;
  }

  static back(): unknown {
    const fiber = FiberObject.running!;
    enterDomains(fiber.#domains);
    fiber.#domains = null;
    const passed = fiber.#passed;
    fiber.#passed = undefined;
    if (fiber.#failed) throw passed;
    return passed;
  }

  static block(): void {
    const fiber = FiberObject.running!;
    fiber.#pass(undefined, Phase.blocked);
    blockedSlots.add(fiber.#slot);
  }

  static unblocked(): void {
    const fiber = FiberObject.running!;
    blockedSlots.delete(fiber.#slot);
    enterDomains(fiber.#domains);
    fiber.#domains = null;
  }

  #pass(value: unknown, phase: Phase): void {
    this.#passed = value;
    this.#failed = false;
    this.#phase = phase;
    this.#domains = currentDomains();
  }

  static begin(): { fn: AnyFunction; given: boolean; value: unknown } {
    const fiber = FiberObject.running!;
    fiber.#slot = native.current();
    const value = fiber.#passed;
    fiber.#passed = undefined;
    stacks.take();
    return { fn: fiber.#fn, given: fiber.#given, value };
  }

  static end(outcome: unknown, failed: boolean): void {
    const fiber = FiberObject.running!;
    fiber.#passed = outcome;
    fiber.#failed = failed;
    fiber.#ended();
    const thread = fiber.#thread;
    if (thread === null) return;
    fiber.#thread = null;
    if (failed) thread.threw(outcome);
    else thread.returned(outcome);
  }

  #ended(): void {
    this.#phase = Phase.idle;
    this.#slot = 0;
    this.#zombie = null;
    stacks.give();
  }

  // --- the caller's side --------------------------------------------------------------------------------------------

  #enter(value: unknown, failed: boolean): unknown {
    const hub = getHub();
    const { running, guest } = hub;
    const before = this.#phase;
    const domains = currentDomains();
    this.#passed = value;
    this.#failed = failed;
    this.#phase = Phase.running;
    hub.running = this.#thread;
    hub.guest = this;
    let end: number;
    try {
      if (before === Phase.idle) {
        end = native.callFresh(client, this);
      } else {
        if (domains !== null) leaveDomains();
        end = native.call(this.#slot);
      }
    } catch (error) {
      this.#phase = before;
      this.#passed = undefined;
      throw asFibersError(error);
    } finally {
      hub.running = running;
      hub.guest = guest;
      if (leaveDomains() !== null || domains !== null) enterDomains(domains);
    }
    if (end !== 0) this.#terminated(end, before);
    const passed = this.#passed;
    this.#passed = undefined;
    if (this.#failed) throw passed;
    return passed;
  }

  // V8 ended the script that the fiber is part of (a vm timeout, a Worker's end), and with it whoever called the fiber.
  #terminated(end: number, before: Phase): never {
    this.#passed = undefined;
    if (end === interrupted) {
      this.#phase = before;
    } else {
      const thread = this.#thread;
      this.#thread = null;
      this.#ended();
      thread?.crashed(new VerdantError('ERR_VERDANT_TERMINATED', 'V8 ended the fiber (a vm timeout, perhaps)'));
    }
    native.terminate();
    throw new Error('The script was terminated'); // not reached: nothing runs after a termination
  }

  #unwind(): unknown {
    const zombie = new Error('This Fiber is a zombie');
    this.#zombie = zombie;
    try {
      return this.#enter(zombie, true);
    } catch (error) {
      if (error === zombie) return undefined;
      throw error;
    }
  }

  /**
   * Nothing can reach the fiber on that stack any more: a new object takes its place, and is unwound. What its `finally`
   * blocks throw has nobody else to go to, so it is an uncaught exception.
   */
  static abandoned(slot: number): void {
    const lost = new FiberObject(() => undefined);
    lost.#slot = slot;
    lost.#phase = Phase.yielding;
    if (blockedSlots.delete(slot)) getHub().live -= 1;
    if (native.adopt(slot, lost)) lost.#unwind();
  }

  // --- blocking calls -----------------------------------------------------------------------------------------------

  static flow(): Flow {
    const thread = FiberObject.running!.#flow();
    getHub().running = thread;
    return thread;
  }

  #flow(): FiberThread {
    this.#thread ??= new FiberThread(
      { unwinding: () => this.#zombie, goOn: () => void this.#enter(undefined, false) },
      this.#slot,
    );
    return this.#thread;
  }

  static blocked(client: number): Flow[] {
    const fibers = native.owners(client) as FiberObject[];
    return fibers.filter((fiber) => fiber.#phase === Phase.blocked).map((fiber) => fiber.#flow());
  }
}

function illegal(): TypeError {
  return new TypeError('Illegal invocation');
}

function asFibersError(error: unknown): unknown {
  if (codeOf(error) !== 'ERR_VERDANT_NO_STACK') return error;
  return Object.assign(new RangeError('Out of memory', { cause: error }), { code: 'ERR_VERDANT_NO_STACK' });
}

function body(): unknown {
  const { fn, given, value } = FiberObject.begin();
  return given ? fn.call(globalThis, value) : fn.call(globalThis);
}

/** `Fiber.yield`. */
function yieldNow(value?: unknown): unknown {
  FiberObject.leave(value, arguments.length);
  try {
    native.leave();
  } catch (error) {
    FiberObject.stay();
    throw error;
  }
  return FiberObject.back();
}

let client = 0;

/** Called once in a realm, whichever copy of verdant it is: all fibers of a realm know each other. */
export function makeFiber(): FiberConstructor {
  client = native.registerClient(
    () => {
      let result: unknown;
      try {
        result = body();
      } catch (error) {
        FiberObject.end(error, true);
        return 0;
      }
      FiberObject.end(result, false);
      return 0;
    },
    (slot) => FiberObject.abandoned(slot),
  );
  guestKind.flow = () => FiberObject.flow();
  guestKind.leaving = () => FiberObject.block();
  guestKind.back = () => FiberObject.unblocked();
  guestKind.blocked = () => FiberObject.blocked(client);

  function Fiber(fn?: unknown): unknown {
    if (arguments.length !== 1) throw new TypeError('Fiber expects 1 argument');
    if (typeof fn !== 'function') throw new TypeError('Fiber expects a function');
    const kind: unknown = new.target;
    if (kind === undefined || kind === Fiber) return new FiberObject(fn as AnyFunction);
    return Reflect.construct(FiberObject, [fn], new.target) as unknown;
  }
  const { prototype } = FiberObject;
  Object.defineProperty(Fiber, 'prototype', { value: prototype });
  Object.defineProperty(prototype, 'constructor', { value: Fiber });
  // Such is the original's object, for those who go through its properties.
  for (const name of ['reset', 'run', 'throwInto', 'started']) {
    Object.defineProperty(prototype, name, { enumerable: true });
  }
  // Assignments to what is only read have no effect, in strict mode too.
  const ignored = (): void => undefined;
  const counter = { configurable: true, enumerable: true };
  Object.defineProperties(Fiber, {
    yield: { value: yieldNow, writable: true, ...counter },
    current: { get: () => FiberObject.running ?? undefined, set: ignored, ...counter },
    poolSize: { get: () => stacks.poolSize, set: (size: unknown) => (stacks.poolSize = Number(size)), ...counter },
    fibersCreated: { get: () => stacks.created, set: ignored, ...counter },
    default: { value: Fiber, configurable: true, writable: true },
  });
  Object.defineProperty(yieldNow, 'name', { value: 'yield' });
  return Fiber as unknown as FiberConstructor;
}
