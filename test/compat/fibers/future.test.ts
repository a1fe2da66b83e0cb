// Future behaves as that of fibers 5.0.3 does: resolving, waiting, wrapping, tasks, errors and their texts.
import { expectCases } from '../support/expect_cases';

expectCases(__dirname, 'future.cjs');
