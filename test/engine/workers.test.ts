// Pins: every Worker has a hub and green threads of its own, and can end at any moment.
import { expectOk } from '../support/children';

describe('Workers', () => {
  it("run green threads beside main's, and end in every way with suspended and spinning ones", async () => {
    await expectOk(__dirname, 'workers.cjs');
  });

  // It reads the process' resident memory from /proc.
  (process.platform === 'linux' ? it : it.skip)('give their stacks back, one Worker after the other', async () => {
    await expectOk(__dirname, 'many_workers.cjs');
  });
});
