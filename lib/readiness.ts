import { ClosedError } from './errors';
import { type Descriptor } from './hub/descriptor';
import { validateDescriptor } from './hub/descriptors';
import { type ListenerKind } from './hub/listener';
import { getHub } from './hub/registry';
import { type BlockingOptions, park, type ParkOptions, requireGreen, validateBlockingOptions } from './park';
import { native } from './realm';
import { systemError } from './system_error';
import { invalidType, validateObject } from './validate';

/** What waiting for a descriptor may be told. */
export interface ReadinessOptions extends BlockingOptions {
  /**
   * If somebody waits for the same already, stand in line behind them (first come, first served) instead of throwing
   * `ERR_VERDANT_CONCURRENT_USE`. Each that is woken should take what it waits for: the next is woken if anything is left.
   */
  multipleReaders?: boolean | undefined;
}

/** What `trampoline` waits for: one of the two. */
export interface TrampolineOptions extends ReadinessOptions {
  /** Wait for something to read. */
  read?: boolean | undefined;
  /** Wait for room to write. */
  write?: boolean | undefined;
}

/**
 * Suspends the calling green thread until something can be read from a file descriptor (or its end, or an error, has been
 * reached). Returns at once if that is so already, and for regular files.
 *
 * For descriptors that somebody else opens, reads and closes: whoever closes one must call `notifyClose(fd)` before.
 * @param fd - a file descriptor: socket, pipe, terminal, eventfd
 * @param options - `timeout` in milliseconds, `signal`, `multipleReaders`
 * @throws `ERR_VERDANT_TIMEOUT`; the signal's reason; `ERR_VERDANT_CLOSED` when it is closed meanwhile;
 * `ERR_VERDANT_CONCURRENT_USE` if another green thread waits for the same; `EBADF` for what is no open descriptor;
 * `ERR_VERDANT_NOT_GREEN` outside a green thread
 * @example
 * ```ts
 * import { run } from 'verdant';
 * import { waitReadable } from 'verdant/hub';
 * import { socketPair } from 'verdant/net';
 *
 * await run(() => {
 *   const [left, right] = socketPair();
 *   left.sendAll('x');
 *   waitReadable(right.fd, { timeout: 1000 });
 *   console.log(String(right.recv())); // x
 *   left.close();
 *   right.close();
 * });
 * ```
 */
export function waitReadable(fd: number, options?: ReadinessOptions): void {
  waitReady('waitReadable()', 'read', fd, options);
}

/**
 * As `waitReadable`, for room to write.
 * @param fd - a file descriptor
 * @param options - `timeout` in milliseconds, `signal`, `multipleReaders` (for several writers here)
 */
export function waitWritable(fd: number, options?: ReadinessOptions): void {
  waitReady('waitWritable()', 'write', fd, options);
}

/**
 * As `waitReadable` or `waitWritable`, by option: eventlet's name for it.
 * @param fd - a file descriptor
 * @param options - exactly one of `read` and `write`; `timeout` in milliseconds, `signal`, `multipleReaders`
 * @throws as `waitReadable`; `ERR_INVALID_ARG_TYPE` for both or none of `read` and `write`
 */
export function trampoline(fd: number, options: TrampolineOptions): void {
  validateObject(options, 'options');
  validateBlockingOptions(options);
  if (Boolean(options.read) === Boolean(options.write)) {
    throw invalidType('options', 'an object with exactly one of read and write set', options);
  }
  waitReady('trampoline()', options.read === true ? 'read' : 'write', fd, options);
}

/**
 * Says that `fd` is about to be closed (or just was): everybody who waits for it gets `ERR_VERDANT_CLOSED`, and nothing
 * that was known of it touches the next descriptor of that number. Green sockets do this by themselves. Legal anywhere.
 * @param fd - a file descriptor
 */
export function notifyClose(fd: number): void {
  validateDescriptor(fd);
  const { descriptors } = getHub();
  const descriptor = descriptors.get(fd);
  if (descriptor !== undefined) descriptors.discard(descriptor, `File descriptor ${fd} was closed`);
  descriptors.settle();
}

function waitReady(call: string, kind: ListenerKind, fd: number, options: ReadinessOptions | undefined): void {
  validateDescriptor(fd);
  validateBlockingOptions(options);
  beginIo(call, options);
  const several = options?.multipleReaders === true;
  // Whoever comes later waits behind those who wait already, ready or not.
  const line = waitedFor(fd, kind);
  if (line !== null) refuseSecond(line, kind, several);
  else if (isReady(fd, kind)) return;
  const descriptor = getHub().descriptors.watch(fd, false);
  if (descriptor === null) return;
  try {
    parkOn(call, descriptor, kind, options, several);
  } finally {
    descriptor.left(); // it may be that the wait was refused
  }
}

// The descriptor, if somebody waits for it already. Those may have been left behind by one that was closed without a word,
// and whose number this one has: to watch it finds that out.
function waitedFor(fd: number, kind: ListenerKind): Descriptor | null {
  const { descriptors } = getHub();
  if ((descriptors.get(fd)?.side(kind).first ?? null) === null) return null;
  const present = descriptors.watch(fd, false);
  return (present?.side(kind).first ?? null) === null ? null : present;
}

function isReady(fd: number, kind: ListenerKind): boolean {
  const ready = native.isReady(fd, kind === 'write');
  if (ready < 0) throw systemError(ready, 'poll');
  return ready > 0;
}

/** Parks the running green thread until the descriptor is ready. The wake-up is a hint: somebody else may be faster. */
export function parkOn(
  call: string,
  descriptor: Descriptor,
  kind: ListenerKind,
  options: ParkOptions | undefined,
  several = false,
): unknown {
  refuseSecond(descriptor, kind, several);
  return park(call, { ...options, queue: descriptor.side(kind) });
}

function refuseSecond(descriptor: Descriptor, kind: ListenerKind, several: boolean): void {
  if (!several && descriptor.side(kind).first !== null) descriptor.refuseSecond(kind, getHub().current);
}

/**
 * What every call on a descriptor begins with, before it tries anything: it must be on a green thread, a signal that has
 * aborted is obeyed even if there would be nothing to wait for, and a green thread that never has to wait lets the others
 * run now and then.
 */
export function beginIo(call: string, options: BlockingOptions | undefined): void {
  requireGreen(call);
  const signal = options?.signal;
  if (signal?.aborted === true) throw signal.reason;
  const hub = getHub();
  if (hub.closed !== null) throw new ClosedError(hub.closed);
  if (hub.overdue) park(call, { subscribe: wakeAtOnce });
}

const wakeAtOnce = (waker: { wake(value: unknown): void }): undefined => {
  waker.wake(undefined);
};
