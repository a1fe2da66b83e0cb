// A hub that takes a turn only when the test says so: what happens between two turns is in the test's hand.
import { NodeHub, useHub } from 'verdant/hub';

export class ManualHub extends NodeHub {
  override readonly name: string = 'manual';
  now = 0;

  override time(): number {
    return this.now;
  }

  protected override requestTurn(): void {}

  protected override requestTurnAt(): void {}

  /** Runs everybody who is ready, and who becomes so meanwhile. */
  step(): void {
    do this.turn(true);
    while (this.stats().ready > 0);
  }
}

/** For the tests of the file (or `describe`) it is called in. */
export function useManualHub(): () => ManualHub {
  let hub: ManualHub | null = null;
  beforeAll(() => {
    const made = useHub(ManualHub);
    if (!(made instanceof ManualHub)) throw new Error('it is another hub');
    made.switchInterval = 3_600_000; // a turn has no end but its own
    hub = made;
  });
  afterAll(() => {
    useHub('node');
  });
  return () => hub!;
}
