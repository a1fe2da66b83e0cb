// The drop-in for deasync: callbacks that block, in plain code, on green threads and in fibers.
import { behavioursOf, expectBehaviour } from '../support/expect_cases';

const file = 'deasync.cjs';

test.each(behavioursOf(__dirname, file))('%s', async (behaviour) => {
  await expectBehaviour(__dirname, file, behaviour);
});
