// Putting and getting allocates nothing while nobody has to wait.
import { expectOk } from '../support/children';

test('a million uncontended operations of each queue allocate nothing', async () => {
  const flags = ['--max-semi-space-size=512', '--min-semi-space-size=512'];
  await expectOk(__dirname, 'queue_allocation.cjs', { flags });
});
