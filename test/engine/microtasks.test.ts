// Pins: ticks and promise reactions run in their order, and are never stopped by a suspended green thread.
import { expectOk } from '../support/children';

describe('microtasks', () => {
  it('keep their order, and refuse a suspension that would stop them', async () => {
    await expectOk(__dirname, 'microtasks.cjs');
  });
});
