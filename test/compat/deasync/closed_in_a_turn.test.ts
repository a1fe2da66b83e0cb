// A hub that is closed by plain code in the middle of its own turn, which then runs Node's loop inside of itself.
import { availableHubs } from 'verdant/hub';
import { expectOk } from '../../support/children';

test.each(availableHubs())('hub %s: the turn goes on in memory that is still its own', async (hub) => {
  // What is freed is overwritten by the system's allocator, so that whoever reads it later fails at once.
  await expectOk(__dirname, 'closed_in_a_turn.cjs', { env: { MALLOC_PERTURB_: '165', VERDANT_HUB: hub } });
});
