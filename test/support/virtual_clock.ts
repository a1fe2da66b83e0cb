// A hub whose timers follow a clock of their own, which jumps to the next deadline as soon as nothing else is left to do.
import { getHub, type Hub } from 'verdant/hub';
import { useVirtualClock as startVirtualClock, type VirtualClock } from 'verdant/testing';

/** For the tests of the `describe` (or file) it is called in. Gives the hub, to read its clock. */
export function useVirtualClock(): () => Hub {
  let clock: VirtualClock | null = null;
  let hub: Hub | null = null;
  beforeAll(() => {
    clock = startVirtualClock();
    hub = getHub();
  });
  afterAll(() => clock?.restore());
  return () => hub!;
}
