// The module's own functions and not the globals, which tests like to replace.
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { NodeHub } from '../hub/node_hub';

/**
 * Requests of Node's that are under way: what they bring about comes before any jump. Names are looked up so, and files
 * are read so, but Node 26 no longer tells of files.
 */
const request = /^(FSReq|CloseReq|GetAddrInfoReq|GetNameInfoReq|QueryReq)/;

/** How long to give a request, in milliseconds of real time, before the next look. */
const glance = 1;

/** A hub whose timers follow a clock of their own. Only verdant's timers are virtual. */
export class VirtualClockHub extends NodeHub {
  override readonly name: string = 'virtual';

  #now = 0;
  #deadline: number | null = null;
  #turnPending = false;
  #auto = true;
  #look: { cancel: () => void } | null = null;
  #advances = 0;
  #quiet = 0;
  #turnsSeen = 0;

  override time(): number {
    return this.#now;
  }

  get autoAdvance(): boolean {
    return this.#auto;
  }

  set autoAdvance(on: boolean) {
    this.#auto = on;
    this.#arrange();
  }

  /** Milliseconds of real time without a turn before a jump. */
  set quiet(ms: number) {
    this.#quiet = ms;
    this.#arrange();
  }

  /** Goes to `now + ms`, from deadline to deadline. */
  async advance(ms: number): Promise<void> {
    this.#advances += 1; // no jumps of its own meanwhile
    try {
      const target = this.#now + ms;
      await this.#settled();
      while (this.#deadline !== null && this.#deadline <= target && this.closed === null) {
        this.#jumpTo(this.#deadline);
        await this.#settled();
      }
      this.#now = Math.max(this.#now, target);
    } finally {
      this.#advances -= 1;
      this.#arrange();
    }
  }

  protected override requestTurn(soon: boolean): void {
    this.#turnPending = true;
    super.requestTurn(soon);
  }

  protected override requestTurnAt(deadline: number | null): void {
    this.#deadline = deadline;
    this.#arrange();
  }

  protected override turn(newPass: boolean): void {
    this.#turnPending = false;
    super.turn(newPass);
  }

  protected override release(): void {
    this.#deadline = null;
    this.#arrange();
    super.release();
  }

  get #busy(): boolean {
    return this.#turnPending || process.getActiveResourcesInfo().some((name) => request.test(name));
  }

  #arrange(): void {
    if (this.#auto && this.#advances === 0 && this.#deadline !== null) {
      this.#look ??= this.#lookLater();
    } else {
      this.#look?.cancel();
      this.#look = null;
    }
  }

  readonly #tryToJump = (): void => {
    this.#look = null;
    if (this.#deadline === null) return;
    const { turns } = this.stats();
    if (this.#turnPending || (this.#quiet > 0 && turns !== this.#turnsSeen)) this.#look = this.#lookLater();
    else if (this.#busy) this.#look = later(glance, this.#tryToJump);
    else this.#jumpTo(this.#deadline);
  };

  #lookLater(): { cancel: () => void } {
    this.#turnsSeen = this.stats().turns;
    return this.#quiet === 0 ? soon(this.#tryToJump) : later(this.#quiet, this.#tryToJump);
  }

  #jumpTo(deadline: number): void {
    this.#now = Math.max(this.#now, deadline);
    this.turn(true);
  }

  // Two quiet passes of the loop in a row: the reactions of the first may have asked for a turn.
  async #settled(): Promise<void> {
    for (let quiet = 0; quiet < 2; quiet += 1) {
      await new Promise<void>((resolve) => soon(resolve));
      while (this.#busy && this.closed === null) {
        quiet = 0;
        await new Promise<void>((resolve) => (this.#turnPending ? soon(resolve) : later(glance, resolve)));
      }
    }
  }
}

function soon(callback: () => void): { cancel: () => void } {
  const immediate = setImmediate(callback);
  return { cancel: () => clearImmediate(immediate) };
}

function later(ms: number, callback: () => void): { cancel: () => void } {
  const timer = setTimeout(callback, ms);
  return { cancel: () => clearTimeout(timer) };
}
