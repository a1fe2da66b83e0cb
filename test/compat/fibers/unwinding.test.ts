// Fibers that end early: lost ones, reset ones, those V8 terminates, those that are left when the process ends.
import { behavioursOf, expectBehaviour } from '../support/expect_cases';

const file = 'unwinding.cjs';

test.each(behavioursOf(__dirname, file))('%s', async (behaviour) => {
  await expectBehaviour(__dirname, file, behaviour, { flags: ['--expose-gc'] });
});
