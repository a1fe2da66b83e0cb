import { VerdantError } from '../errors';
import { type BlockingOptions, park, requireGreen, validateBlockingOptions } from '../park';
import { outOfRange, validateCount, validateFunction } from '../validate';
import { WaitQueue } from '../wait_queue';
import { failAll, wakeAll } from './wake';

/** A barrier's counters at one moment. */
export interface BarrierStatistics {
  /** How many have to arrive. */
  parties: number;
  /** Green threads that have arrived and wait for the others. */
  waiting: number;
  /** Whether every `wait` fails until `reset`. */
  broken: boolean;
}

/** Those who leave the barrier together. */
class Round {
  readonly queue = new WaitQueue();
  arrived = 0;
  state: 'open' | 'passed' | 'broken' = 'open';
}

/**
 * A place where `parties` green threads wait for each other, and from which they go on together; then the next round begins.
 *
 * All pass or none: when one that waits is interrupted (timeout, abort, kill), the others can wait no longer for it, so the
 * barrier is broken: they, and all that come after, get `ERR_VERDANT_BROKEN_BARRIER` until `reset`.
 * @example
 * ```ts
 * import { Barrier, joinAll, run, sleep, spawn } from 'verdant';
 *
 * await run(() => {
 *   const barrier = new Barrier(2, () => console.log('both are here')); // both are here
 *   joinAll([5, 10].map((ms) => spawn(() => {
 *     sleep(ms);
 *     barrier.wait();
 *   })));
 * });
 * ```
 */
export class Barrier {
  /** How many have to arrive. */
  readonly parties: number;
  readonly #action: (() => void) | undefined;
  #filling = new Round();
  /** Complete, while the action runs: more than one if it blocks and others arrive. */
  readonly #acting = new Set<Round>();
  #broken = false;

  /**
   * @param parties - how many have to arrive
   * @param action - called by the last to arrive of each round, before any of them goes on; may block. If it throws, the
   * barrier is broken
   * @throws `ERR_INVALID_ARG_TYPE`; `ERR_OUT_OF_RANGE` unless `parties` is an integer from 1 on
   */
  constructor(parties: number, action?: () => void) {
    validateCount(parties, 'parties');
    if (parties === 0) throw outOfRange('parties', '>= 1', parties);
    if (action !== undefined) validateFunction(action, 'action');
    this.parties = parties;
    this.#action = action;
  }

  /** True when every `wait` fails until `reset`. */
  get broken(): boolean {
    return this.#broken;
  }

  /** How many have arrived and wait for the others. */
  waiting(): number {
    return this.#filling.queue.size;
  }

  /**
   * Arrives, and blocks until all have. The last arrival, `abort`, `reset`, its timeout, its signal or a kill ends the wait.
   * @param options - `timeout` in milliseconds; `signal`
   * @returns how many had arrived in this round before
   * @throws `ERR_VERDANT_BROKEN_BARRIER`; what the action throws, in whose call it was; `ERR_VERDANT_TIMEOUT`, the signal's
   * reason or a kill's reason, which break the barrier; `ERR_VERDANT_NOT_GREEN` outside a green thread
   */
  wait(options?: BlockingOptions): number {
    validateBlockingOptions(options);
    requireGreen('Barrier.wait()');
    if (options?.signal?.aborted === true) throw options.signal.reason;
    if (this.#broken) throw broken();
    const round = this.#filling;
    const index = round.arrived;
    round.arrived += 1;
    if (round.arrived === this.parties) this.#pass(round);
    else this.#join(round, options);
    return index;
  }

  #join(round: Round, options: BlockingOptions | undefined): void {
    try {
      park('Barrier.wait()', { timeout: options?.timeout, signal: options?.signal, queue: round.queue });
    } catch (error) {
      if (round.state === 'open') this.abort();
      throw error;
    }
  }

  #pass(round: Round): void {
    if (this.parties > 1) this.#filling = new Round();
    else round.arrived = 0;
    if (this.#action !== undefined) this.#act(round, this.#action);
    if (this.parties === 1) return;
    round.state = 'passed';
    wakeAll(round.queue, undefined);
  }

  #act(round: Round, action: () => void): void {
    this.#acting.add(round);
    try {
      action();
    } catch (error) {
      if (round.state === 'open') this.abort();
      throw error;
    } finally {
      this.#acting.delete(round);
    }
    if (round.state === 'broken') throw broken();
  }

  /** Breaks the barrier: all that wait, and all that come, get `ERR_VERDANT_BROKEN_BARRIER`. Never blocks; legal anywhere. */
  abort(): void {
    this.#broken = true;
    for (const round of [...this.#acting, this.#filling]) {
      round.state = 'broken';
      failAll(round.queue, broken);
    }
  }

  /** Makes it as new: all that wait get `ERR_VERDANT_BROKEN_BARRIER`; who comes after waits. Never blocks; legal anywhere. */
  reset(): void {
    this.abort();
    this.#filling = new Round();
    this.#broken = false;
  }

  /** Counters. */
  statistics(): BarrierStatistics {
    return { parties: this.parties, waiting: this.waiting(), broken: this.#broken };
  }
}

function broken(): VerdantError {
  return new VerdantError('ERR_VERDANT_BROKEN_BARRIER', 'The barrier is broken: one that it waited for does not come');
}
