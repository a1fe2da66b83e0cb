// After every test file: no green thread, stack, hub timer, waiter, file descriptor or process listener is left over.
// The check is the first `afterAll` at the top of the file, so a file's own cleaning up belongs into `afterEach`, or into an
// `afterAll` inside of a `describe`: those come before it.
import { trackLeaks } from 'verdant/testing';
import { slowness } from './children';

/** Closing a socket or unwinding a thread takes turns of the loop: what is not gone by then never goes. */
const patience = 2_000 * slowness;

const check = trackLeaks({ patience });

afterAll(check, patience + 20_000 * slowness);
