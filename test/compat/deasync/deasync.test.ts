// The drop-in for deasync: callbacks that block, in plain code, on green threads and in fibers.
import { expectCases } from '../support/expect_cases';

expectCases(__dirname, 'deasync.cjs');
