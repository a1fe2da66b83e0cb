import { getHub } from '../../hub/registry';
import { type Timer } from '../../hub/timer_queue';

/** Says when nothing has happened for some time. One timer serves: it looks at the deadline when it fires. */
export class Inactivity {
  readonly #expired: () => void;
  #limit = Infinity;
  #deadline = Infinity;
  #timer: Timer | null = null;

  /** @param expired - called once, then not again before something has happened */
  constructor(expired: () => void) {
    this.#expired = expired;
  }

  /** How many milliseconds may pass from now on, and after whatever happens; 0 for any number. */
  set(ms: number): void {
    this.stop();
    this.#limit = ms === 0 ? Infinity : ms;
    this.touch();
  }

  /** Something has happened. */
  touch(): void {
    if (this.#limit === Infinity) return;
    this.#deadline = getHub().time() + this.#limit;
    this.#timer ??= getHub().startTimer(this.#limit, this.#fired);
  }

  /** Something goes on, until `touch` is called. */
  hold(): void {
    this.#deadline = Infinity;
  }

  /** Ends it. */
  stop(): void {
    this.#limit = Infinity;
    this.#deadline = Infinity;
    this.#timer?.cancel();
    this.#timer = null;
  }

  readonly #fired = (): void => {
    this.#timer = null;
    if (this.#deadline === Infinity) return;
    const left = this.#deadline - getHub().time();
    if (left > 0) {
      this.#timer = getHub().startTimer(left, this.#fired);
      return;
    }
    this.#deadline = Infinity;
    this.#expired();
  };
}
