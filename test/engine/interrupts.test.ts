// Pins: what V8 wants of the running code (an end, a timeout) reaches it across switches.
import { expectOk } from '../support/children';

describe('interrupts', () => {
  it('do not stay behind with a green thread that suspends before it has seen them', async () => {
    await expectOk(__dirname, 'parked_interrupt.cjs', { timeout: 10_000 });
  });

  it('that end a Worker end the green thread that runs and main below it', async () => {
    await expectOk(__dirname, 'passed_on.cjs', { timeout: 10_000 });
  });

  it('of a vm timeout end a green thread with a code, and nothing else', async () => {
    await expectOk(__dirname, 'vm_timeout.cjs');
  });
});
