import { DeadlockError } from '../errors';
import { exiting, type Hub } from './hub';

/** Node's own code for a program that ends while its top-level await still waits. */
const unsettledExitCode = 13;

/**
 * When the loop has nothing more to do while green threads are parked, nobody can ever wake them. The process then says
 * who waits where, and exits with code 13; a listener for the hub's `deadlock` event replaces that.
 * Also stops all switching when the process exits, since an `exit` listener must not wait.
 */
export function watchProcess(hub: Hub): void {
  const beforeExit = (): void => {
    if (!hub.idle || hub.closed !== null) return;
    const parked = hub.suspendedFlows();
    if (parked.length === 0) return;
    // Another listener may still give the loop something to do: be the last to be asked.
    if (process.listeners('beforeExit').at(-1) !== beforeExit) {
      process.off('beforeExit', beforeExit).on('beforeExit', beforeExit);
      setImmediate(() => undefined);
      return;
    }
    const error = new DeadlockError(
      `${parked.length} green thread${parked.length === 1 ? '' : 's'} would wait for ever:\n` +
        parked.map((flow) => flow.describe()).join('\n'),
    );
    if (hub.emit('deadlock', error)) return;
    process.exitCode = unsettledExitCode;
    process.stderr.write(`${error.name} [${error.code}]: ${error.message}\n`);
  };
  const exit = (): void => hub.close(exiting);
  // Before all other `exit` listeners: they must find that blocking is refused.
  process.on('beforeExit', beforeExit).prependListener('exit', exit);
  hub.once('destroy', () => process.off('beforeExit', beforeExit).off('exit', exit));
}
