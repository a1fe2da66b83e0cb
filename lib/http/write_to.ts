import { type Writable } from 'node:stream';
import { ClosedError } from '../errors';
import { type BlockingOptions, park, validateBlockingOptions, type Waker } from '../park';
import { beginIo } from '../readiness';
import { invalidType } from '../validate';

const call = 'writeTo()';

/** What `writeTo` needs of a stream: Node's responses and all other writable streams have it. */
export type WritableLike = Pick<Writable, 'write' | 'destroyed' | 'writableEnded' | 'on' | 'removeListener'>;

/**
 * Writes to a Node stream, such as the response of `node:http`, and blocks the calling green thread while the other side does
 * not keep up: until the stream has room again. So a handler that sends for hours needs no more memory than one chunk.
 *
 * Unblocked by `'drain'`; by the stream's end. Several green threads may write to one stream; their chunks are not torn.
 * @param stream - a response, or any other writable stream
 * @param chunk - text or bytes
 * @param options - `timeout` in milliseconds, `signal`. Either way the chunk stays written
 * @throws `ERR_VERDANT_CLOSED` if the stream has ended, or is destroyed while this waits (the client has gone); the error that
 * destroys it; `ERR_VERDANT_TIMEOUT`; the signal's reason; `ERR_VERDANT_NOT_GREEN`
 * @example
 * ```ts
 * import { PassThrough } from 'node:stream';
 * import { run, spawn, wait } from 'verdant';
 * import { writeTo } from 'verdant/http';
 * import { text } from 'node:stream/consumers';
 *
 * await run(() => {
 *   const stream = new PassThrough({ highWaterMark: 4 });
 *   spawn(() => {
 *     for (const word of ['slow ', 'and ', 'steady']) writeTo(stream, word);
 *     stream.end();
 *   });
 *   console.log(wait(text(stream))); // slow and steady
 * });
 * ```
 */
export function writeTo(stream: WritableLike, chunk: string | Uint8Array, options?: BlockingOptions): void {
  if (typeof (stream as Partial<WritableLike> | null)?.write !== 'function') {
    throw invalidType('stream', 'a writable stream', stream);
  }
  validateBlockingOptions(options);
  beginIo(call, options);
  if (stream.destroyed || stream.writableEnded) throw new ClosedError(`${call}: the stream is closed`);
  if (stream.write(chunk)) return;
  park(call, { ...options, subscribe: (waker) => listen(stream, waker) });
}

function listen(stream: WritableLike, waker: Waker): () => void {
  const onDrain = (): void => waker.wake(undefined);
  const onClose = (): void => waker.fail(new ClosedError(`${call}: the stream was closed`));
  const onError = (error: unknown): void => waker.fail(error);
  stream.on('drain', onDrain);
  stream.on('close', onClose);
  stream.on('error', onError);
  return () => {
    stream.removeListener('drain', onDrain);
    stream.removeListener('close', onClose);
    stream.removeListener('error', onError);
  };
}
