import { type BlockingOptions } from '../park';
import { type Waiter } from '../wait_queue';
import { type Address } from './address';

/**
 * What a `Socket` is made on: a stream of bytes in both directions. Everything that takes options blocks, and throws what
 * `park` throws; a call that is interrupted has taken nothing from the stream.
 */
export interface Transport {
  /** The descriptor; -1 when there is none (any more). */
  readonly fd: number;
  readonly closed: boolean;
  readonly localAddress: Address | undefined;
  readonly remoteAddress: Address | undefined;
  /** At most `most` bytes, as soon as there are any. Empty at the end of the stream. */
  read(call: string, most: number, options: BlockingOptions | undefined): Buffer;
  /** The same, into `target`; the number of bytes, 0 at the end. */
  readInto(call: string, target: Uint8Array, options: BlockingOptions | undefined): number;
  /** Sends what fits at once, waiting until something does; the number of bytes. */
  writeSome(call: string, data: Uint8Array, options: BlockingOptions | undefined): number;
  /** Sends all of it. None of the chunks is empty. */
  writeAll(call: string, chunks: readonly Uint8Array[], options: BlockingOptions | undefined): void;
  /** Whether `read` would come back at once: with data, at the end, or with an error. */
  receivable(): boolean;
  /** Has the waiter woken when that may have changed; the one reader until then. */
  joinReaders(waiter: Waiter): void;
  shutdown(read: boolean, write: boolean): void;
  /** `reset`: what has not been sent is dropped, and the peer learns that the connection was broken. */
  close(reset: boolean): void;
  setNoDelay(on: boolean): void;
  setKeepAlive(on: boolean, delay: number): void;
}
