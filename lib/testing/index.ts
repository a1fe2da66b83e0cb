/**
 * Tools for tests of green code, for any test runner.
 * @packageDocumentation
 */
export { type Emitter } from './holdings';
export { assertNoLeaks, type LeakOptions, trackLeaks } from './leaks';
export { autoAdvance, useVirtualClock, VirtualClock, type VirtualClockOptions } from './virtual_clock';
