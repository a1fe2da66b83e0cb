import { type Timer } from '../hub/timer_queue';
import { getHub } from '../hub/registry';

/** What a heartbeat needs of a connection. */
export interface Pulse {
  /** Whether nothing is being read because nobody takes what has come: then silence says nothing about the other end. */
  deaf(): boolean;
  ping(): void;
  /** Nothing at all has come in answer to a ping. */
  lost(): void;
}

/** Pings the other end at intervals, and gives it up when nothing at all has come between two of them. */
export class Heartbeat {
  readonly #interval: number;
  readonly #pulse: Pulse;
  #heard = true;
  #timer: Timer | null = null;

  constructor(interval: number, pulse: Pulse) {
    this.#interval = interval;
    this.#pulse = pulse;
    this.#arrange();
  }

  /** Something has come. */
  readonly heard = (): void => {
    this.#heard = true;
  };

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #arrange(): void {
    this.#timer = getHub().startTimer(this.#interval, this.#beat);
  }

  readonly #beat = (): void => {
    if (!this.#heard && !this.#pulse.deaf()) {
      this.#timer = null;
      this.#pulse.lost();
      return;
    }
    this.#heard = false;
    this.#arrange();
    this.#pulse.ping();
  };
}
