// No primitive allocates per operation when nobody has to wait: counted over a million operations of each.
import { expectOk } from '../support/children';

test('a million uncontended operations of each primitive allocate nothing', () =>
  // A young generation that holds everything the million could allocate.
  expectOk(__dirname, 'allocations.cjs', {
    flags: ['--expose-gc', '--max-semi-space-size=128', '--min-semi-space-size=128'],
  }));
