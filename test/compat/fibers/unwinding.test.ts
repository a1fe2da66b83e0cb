// Fibers that end early: lost ones, reset ones, those V8 terminates, those that are left when the process ends.
import { expectCases } from '../support/expect_cases';

expectCases(__dirname, 'unwinding.cjs', { flags: ['--expose-gc'] });
