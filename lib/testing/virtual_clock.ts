import { validateMilliseconds, validateObject } from '../validate';
import { VerdantError } from '../errors';
import { getHub, type HubClass, useHub } from '../hub/registry';
import { VirtualClockHub } from './virtual_clock_hub';

/** See {@link useVirtualClock}. */
export interface VirtualClockOptions {
  /** The clock jumps by itself when there is nothing else left to do. Default true. */
  autoAdvance?: boolean | undefined;
  /**
   * Milliseconds of real time in which no green thread has run before the clock jumps by itself. Default 0. For tests with
   * I/O that the clock cannot see: sockets, other processes, worker threads; files on Node 26.
   */
  quiet?: number | undefined;
  /** The hub to come back to. Default `'node'`. */
  before?: string | HubClass | undefined;
}

/**
 * The clock by which verdant's timers go while a test runs: sleeps, timeouts and timers of the hub. Node's own timers
 * keep their own time, and so does `AbortSignal.timeout()`. Made by {@link useVirtualClock}.
 */
export class VirtualClock {
  readonly #hub: VirtualClockHub;
  readonly #before: string | HubClass;

  /** @internal */
  constructor(hub: VirtualClockHub, before: string | HubClass) {
    this.#hub = hub;
    this.#before = before;
  }

  /** Milliseconds since the clock was made; they pass only by jumps. */
  get now(): number {
    return this.#hub.time();
  }

  /** Whether the clock jumps by itself when there is nothing else left to do. */
  get autoAdvance(): boolean {
    return this.#hub.autoAdvance;
  }

  /** From now on, or no more. */
  set autoAdvance(on: boolean) {
    this.#hub.autoAdvance = on;
  }

  /**
   * Moves the clock on, from deadline to deadline: before each next one, all that can run has run. Legal from anywhere.
   * @param ms - milliseconds
   * @returns a promise that is fulfilled when the clock is there; `wait()` for it on a green thread
   */
  async advance(ms: number): Promise<void> {
    validateMilliseconds(ms, 'ms');
    await this.#hub.advance(ms);
  }

  /**
   * Real time again: the hub that was before takes over.
   * @throws `ERR_VERDANT_HUB` when green threads are alive
   */
  restore(): void {
    if (getHub() === this.#hub) useHub(this.#before);
  }

  /** As `restore()`. For `using`. */
  [Symbol.dispose](): void {
    this.restore();
  }
}

/**
 * From now on, verdant's timers go by a clock of their own, which starts at 0 and jumps to the next deadline as soon as
 * nothing else is left to do: no green thread ready, no promise reaction, no name being looked up, no file being read (before
 * Node 26, which no longer tells of files; for them and for other I/O see `quiet`). Tests sleep for hours in no time, and
 * in an exact order. For any test runner; call it outside of green threads, before the tests
 * and `restore()` after them.
 * @param options - `autoAdvance`: false, and the clock moves by `advance()` only; `before`: the hub to come back to
 * @throws `ERR_VERDANT_HUB` when green threads are alive
 * @example
 * ```ts
 * import { run, sleep } from 'verdant';
 * import { useVirtualClock } from 'verdant/testing';
 *
 * const clock = useVirtualClock();
 * await run(() => sleep(3_600_000));
 * console.log(clock.now); // 3600000
 * clock.restore();
 * ```
 */
export function useVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  validateObject(options, 'options');
  const { autoAdvance: jumps = true, quiet = 0, before = 'node' } = options;
  validateMilliseconds(quiet, 'options.quiet');
  useHub(VirtualClockHub);
  const hub = virtualHub();
  hub.quiet = quiet;
  hub.autoAdvance = jumps;
  return new VirtualClock(hub, before);
}

/**
 * Switches on or off that the virtual clock in use jumps by itself.
 * @param on - default true
 * @throws `ERR_VERDANT_HUB` when there is no virtual clock: see {@link useVirtualClock}
 * @example
 * ```ts
 * import { run, sleep, spawn } from 'verdant';
 * import { autoAdvance, useVirtualClock } from 'verdant/testing';
 *
 * const clock = useVirtualClock({ autoAdvance: false });
 * const sleeper = spawn(sleep, 1000);
 * await clock.advance(999);
 * console.log(sleeper.dead); // false
 * autoAdvance();
 * await sleeper;
 * clock.restore();
 * ```
 */
export function autoAdvance(on = true): void {
  virtualHub().autoAdvance = on;
}

function virtualHub(): VirtualClockHub {
  const hub = getHub();
  if (hub instanceof VirtualClockHub) return hub;
  throw new VerdantError('ERR_VERDANT_HUB', 'There is no virtual clock in use: call useVirtualClock() first');
}
