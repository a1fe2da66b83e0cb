import { executionAsyncResource } from 'node:async_hooks';
import { join } from 'node:path';
import { UnsupportedRuntimeError } from './errors';
import { type NativeHttp } from './native_http';
import { type NativeLoops, type NativeSockets } from './native_io';

/**
 * The addon's surface. Everything here trusts its arguments: they are checked in the files above. A slot is a
 * coroutine's number; slot 0 is Node's own stack.
 */
export interface Native extends NativeLoops, NativeSockets, NativeHttp {
  /** One copy of verdant's JavaScript: `entry` runs on each new coroutine and returns the slot to continue with. */
  registerClient(entry: () => number, abandoned: (slot: number) => void): number;
  /** Switches to a new coroutine, which calls the client's `entry`. Returns when somebody switches back. */
  launch(client: number): void;
  /** Switches to a suspended coroutine. Returns when somebody switches back. `upcoming`: whose turn is next, probably. */
  switchTo(slot: number, upcoming?: number): void;
  /**
   * Has a new coroutine call the client's `entry`, on behalf of `owner` and in the caller's async context. Returns when it
   * leaves or ends: 0; 1 when V8 ended it; 2 when V8 ended the caller before the call. `terminate()` passes either on.
   */
  callFresh(client: number, owner: object): number;
  /** Lets a coroutine that has left go on. Returns as `callFresh` does. */
  call(slot: number): number;
  /** Suspends the running coroutine and goes back to whoever called it. Returns when it is called again. */
  leave(): void;
  /** Ends the running JavaScript as V8's termination does, without `catch` and `finally`. */
  terminate(): void;
  /** One pass of Node's loop, inside of the caller. False when it had nothing to do, and has not now. */
  runLoopOnce(): boolean;
  /** The running coroutine's slot. */
  current(): number;
  /** The time like `now`; why the running coroutine cannot be suspended here; or null: too little stack is left. */
  checkpoint(): number | string | null;
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
  /** Registers `owner` as an async resource that inherits the running context, and returns that context. */
  inherit(owner: object, inherit: boolean, identity: Float64Array): unknown;
  /** From here on the running coroutine works for `owner`, in its async context. */
  begin(owner: object, asyncId: number, triggerId: number, context: unknown): void;
  /** The running coroutine's owner has ended. */
  end(asyncId: number, triggerId: number): void;
  /** Gives a suspended coroutine a new owner in place of one that was collected. */
  adopt(slot: number, owner: object): boolean;
  /** The owners of a client's suspended coroutines. */
  owners(client: number): object[];
  setResourceReader(reader: () => object): void;
  stats(): NativeStats;
}

/** Counters of the addon, for this environment. */
export interface NativeStats {
  switches: number;
  launched: number;
  suspended: number;
  stacksReserved: number;
  stacksInUse: number;
  stacksIdle: number;
}

/** Loads the addon that was built for this Node (ABI, platform and CPU stand in its name). */
export function loadNative(): Native {
  const name = `verdant-${process.platform}-${process.arch}-${process.versions.modules}.node`;
  const path = join(__dirname, '..', 'build', 'Release', name);
  let addon: Native & { unsupported?: string };
  try {
    addon = require(path) as Native;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw Object.assign(new UnsupportedRuntimeError(`its addon could not be loaded (npm rebuild verdant): ${reason}`), {
      cause: error,
    });
  }
  if (addon.unsupported !== undefined) throw new UnsupportedRuntimeError(addon.unsupported);
  addon.setResourceReader(executionAsyncResource);
  return addon;
}
