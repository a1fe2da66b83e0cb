// Pins that green threads may suspend inside Array.prototype.join in any order, also while their Worker is terminated.
import { expectOk } from '../support/children';

test('joins that overlap on many green threads all end', async () => {
  await expectOk(__dirname, 'join.cjs');
});

test('a Worker with green threads inside of joins can be terminated', async () => {
  await expectOk(__dirname, 'join_in_worker.cjs');
});
