import { clearImmediate, setImmediate } from 'node:timers';
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
  #lastLook: NodeJS.Immediate | null = null;
  #stopped = false;

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
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#lastLook !== null) clearImmediate(this.#lastLook);
    this.#lastLook = null;
  }

  #arrange(): void {
    this.#timer = getHub().startTimer(this.#interval, this.#beat);
  }

  get #silent(): boolean {
    return !this.#heard && !this.#pulse.deaf();
  }

  readonly #beat = (): void => {
    this.#timer = null;
    // A process that was busy, or was not given the CPU, finds the time up before it has looked at what has long come: Node
    // looks before its next immediates, and the hub in the turn before the one in which the second of two calls is made.
    if (this.#silent) this.#lastLook = setImmediate(this.#looked);
    else this.#goOn();
  };

  readonly #looked = (): void => {
    this.#lastLook = null;
    const hub = getHub();
    hub.callSoon(() => hub.callSoon(this.#judge));
  };

  readonly #judge = (): void => {
    if (this.#stopped) return;
    if (this.#silent) this.#pulse.lost();
    else this.#goOn();
  };

  #goOn(): void {
    this.#heard = false;
    this.#arrange();
    this.#pulse.ping();
  }
}
