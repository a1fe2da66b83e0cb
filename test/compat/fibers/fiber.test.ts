// Fiber behaves as that of fibers 5.0.3 does: values, errors and their texts, states, nesting, stack overflow.
import { expectCases } from '../support/expect_cases';

expectCases(__dirname, 'fiber.cjs');
