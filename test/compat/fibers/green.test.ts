// Fibers and green threads together: blocking calls in fibers, fibers on green threads, AsyncLocalStorage.
import { nodeMajor } from '../../support/children';
import { behavioursOf, expectBehaviour } from '../support/expect_cases';

const file = 'green.cjs';
const behaviours = behavioursOf(__dirname, file);

test.each(behaviours)('%s', async (behaviour) => {
  await expectBehaviour(__dirname, file, behaviour);
});

describe('with the other way of keeping the stores', () => {
  const flags = nodeMajor >= 24 ? ['--no-async-context-frame'] : ['--experimental-async-context-frame'];
  const stores = nodeMajor === 20 ? [] : behaviours.filter((name) => name.startsWith('AsyncLocalStorage'));

  test.each(stores.length === 0 ? ['does not exist'] : stores)('%s', async (behaviour) => {
    if (stores.length > 0) await expectBehaviour(__dirname, file, behaviour, { flags });
    expect(nodeMajor).toBeGreaterThanOrEqual(20);
  });
});
