import { DeadlockError } from '../../errors';
import { native } from '../../realm';

/** How long to rest, in milliseconds, when the loop has nothing to wait for. */
const rest = 1;

const never = new Int32Array(new SharedArrayBuffer(4));

/** Runs what `process.nextTick` and promises have queued. Node has it for this purpose, without documentation. */
function runTicks(): void {
  (process as unknown as { _tickCallback: () => void })._tickCallback();
}

/** One pass of Node's loop inside of the caller. False when nothing is left that could happen. */
export function runLoopOnce(): boolean {
  runTicks();
  const alive = native.runLoopOnce();
  runTicks();
  return alive;
}

/** Runs Node's loop inside of the caller as long as `predicate` is true. */
export function runLoopWhile(predicate: () => unknown): void {
  while (predicate()) {
    // It may be waiting for some point in time.
    if (!runLoopOnce() && predicate()) Atomics.wait(never, 0, 0, rest);
  }
}

/** The same for something that only the loop can bring about. */
export function runLoopUntil(done: () => boolean, call: string): void {
  // The ticks at the end of a pass may have started something that the next one finds.
  for (let idle = 0; !done();) {
    idle = runLoopOnce() ? 0 : idle + 1;
    if (idle > 1 && !done()) {
      throw new DeadlockError(
        `${call} would wait for ever: its callback was not called, and nothing is left to happen`,
      );
    }
  }
}
