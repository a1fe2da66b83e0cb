// A hub whose timers follow a clock of their own, which jumps to the next deadline as soon as nothing else is left to do.
import { type Hub, NodeHub, useHub } from 'verdant/hub';

/** Green threads sleep for hours in no time, and in an exact order. Only verdant's timers are virtual. */
export class VirtualClockHub extends NodeHub {
  override readonly name: string = 'virtual';

  #now = 0;
  #deadline: number | null = null;
  #jump: NodeJS.Immediate | null = null;
  #turnPending = false;

  override time(): number {
    return this.#now;
  }

  protected override requestTurn(soon: boolean): void {
    this.#turnPending = true;
    super.requestTurn(soon);
  }

  protected override requestTurnAt(deadline: number | null): void {
    this.#deadline = deadline;
    if (deadline !== null) this.#jump ??= setImmediate(this.#tryToJump);
    else if (this.#jump !== null) {
      clearImmediate(this.#jump);
      this.#jump = null;
    }
  }

  protected override turn(newPass: boolean): void {
    this.#turnPending = false;
    super.turn(newPass);
  }

  readonly #tryToJump = (): void => {
    this.#jump = null;
    if (this.#deadline === null) return;
    if (this.#turnPending) {
      this.#jump = setImmediate(this.#tryToJump);
      return;
    }
    this.#now = Math.max(this.#now, this.#deadline);
    this.turn(true);
  };
}

/** For the tests of the `describe` (or file) it is called in. Gives the hub, to read its clock. */
export function useVirtualClock(): () => Hub {
  let hub: Hub | null = null;
  beforeAll(() => {
    hub = useHub(VirtualClockHub);
  });
  afterAll(() => {
    useHub('node');
  });
  return () => hub!;
}
