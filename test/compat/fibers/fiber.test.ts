// Fiber behaves as that of fibers 5.0.3 does: values, errors and their texts, states, nesting, stack overflow.
import { behavioursOf, expectBehaviour } from '../support/expect_cases';

const file = 'fiber.cjs';

test.each(behavioursOf(__dirname, file))('%s', async (behaviour) => {
  await expectBehaviour(__dirname, file, behaviour);
});
