// Future behaves as that of fibers 5.0.3 does: resolving, waiting, wrapping, tasks, errors and their texts.
import { behavioursOf, expectBehaviour } from '../support/expect_cases';

const file = 'future.cjs';

test.each(behavioursOf(__dirname, file))('%s', async (behaviour) => {
  await expectBehaviour(__dirname, file, behaviour);
});
