// The module's own functions and not the globals, which tests like to replace.
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { native } from '../realm';
import { Hub } from './hub';

/** The longest delay Node's timers take, in milliseconds. */
const longestDelay = 2 ** 31 - 1;

const settled = Promise.resolve();
const nextTick = process.nextTick.bind(process);

/**
 * The default hub: green threads run on Node's own loop. A turn is a `process.nextTick` while the pass of the loop it
 * belongs to has budget left (promise reactions wake green threads without waiting for I/O), else a `setImmediate`.
 */
export class NodeHub extends Hub {
  readonly name: string = 'node';

  #immediate: NodeJS.Immediate | null = null;
  #timeout: NodeJS.Timeout | null = null;
  #armedFor = Infinity;
  #eventsAt = -Infinity;
  #spent = false;

  protected requestTurn(soon: boolean): void {
    if (soon) {
      // Behind the promise reactions that wait now: Node runs all ticks, also new ones, before it looks at those again.
      void settled.then(this.#tick);
      return;
    }
    if (this.#immediate !== null) return;
    // The budget was given to what came from the loop's timers or I/O just now.
    this.#spent = native.now() - this.#eventsAt < 2 * this.switchInterval;
    this.#immediate = setImmediate(this.#startPass);
    if (!this.keepsAlive) this.#immediate.unref();
  }

  protected requestTurnAt(deadline: number | null): void {
    const wanted = deadline ?? Infinity;
    if (wanted === this.#armedFor) return;
    if (this.#timeout !== null) clearTimeout(this.#timeout);
    this.#timeout = null;
    this.#armedFor = wanted;
    if (wanted === Infinity) return;
    const delay = Math.min(Math.max(Math.ceil(wanted - this.time()), 1), longestDelay);
    this.#timeout = setTimeout(this.#timerFired, delay);
    if (!this.keepsAlive) this.#timeout.unref();
  }

  protected release(): void {
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#immediate = null;
    this.requestTurnAt(null);
  }

  protected keepAliveChanged(): void {
    for (const handle of [this.#immediate, this.#timeout]) {
      if (this.keepsAlive) handle?.ref();
      else handle?.unref();
    }
  }

  readonly #tick = (): void => {
    nextTick(this.#continuePass);
  };

  readonly #continuePass = (): void => {
    this.turn(false);
  };

  readonly #startPass = (): void => {
    this.#immediate = null;
    if (this.#spent) {
      this.#eventsAt = -Infinity;
      this.requestTurn(false); // once more round the loop
    } else {
      this.turn(true);
    }
  };

  readonly #timerFired = (): void => {
    this.#timeout = null;
    this.#armedFor = Infinity;
    this.turnForEvents(true);
  };

  // From the loop's timers or its I/O. Each time round, the loop gives green threads their budget once: if some are left
  // over from the last time their turn comes in the check phase, and if some are now they wait for the next time.
  protected override turnForEvents(newPass: boolean): void {
    if (this.#immediate !== null) return;
    this.#eventsAt = native.now();
    this.turn(newPass);
  }
}
