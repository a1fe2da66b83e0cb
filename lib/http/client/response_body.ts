import { ConcurrentUseError, isGreenExit, VerdantError } from '../../errors';
import { perWait } from '../../deadline';
import { type BlockingOptions, type ParkOptions, validateBlockingOptions } from '../../park';

/** Where a body comes from. */
export interface BodySource {
  /** Blocks for the next piece; null at the end. */
  pull(call: string, options: ParkOptions | undefined): Buffer | null;
  /** Nobody wants the rest: its connection is given back, or closed if it is in the middle of it. Idempotent. */
  cancel(reason: unknown): void;
}

/**
 * The body of an answer, read in blocking style, once: by a method that reads all of it, piece by piece with `read`, or with
 * `for (const piece of body)`. Nothing is fetched ahead but what the connection's buffers hold: the server feels whoever reads
 * slowly.
 *
 * Leaving the loop early closes the connection, and so does an error, or a kill, in a method that reads all of it. One green
 * thread may read at a time.
 */
export class ResponseBody implements Iterable<Buffer> {
  readonly #source: BodySource;
  #state: 'fresh' | 'reading' | 'open' | 'over' = 'fresh';

  /** @internal */
  constructor(source: BodySource) {
    this.#source = source;
  }

  /** True once somebody has begun to read. */
  get used(): boolean {
    return this.#state !== 'fresh';
  }

  /**
   * The next piece, as it came. A timeout or an aborted signal loses nothing: the next call goes on.
   * @param options - `timeout` in milliseconds, `signal`
   * @returns null at the end
   * @throws what `fetch` throws when the connection breaks; `ERR_VERDANT_TIMEOUT` (also by `bodyTimeout` and the `timeout` of the
   * whole request); the signal's reason; `ERR_VERDANT_CONCURRENT_USE`; `ERR_VERDANT_NOT_GREEN`
   */
  read(options?: BlockingOptions): Buffer | null {
    validateBlockingOptions(options);
    if (this.#state === 'over') return null;
    return this.#pull('ResponseBody.read()', options);
  }

  /**
   * Reads all of it.
   * @param options - `timeout` in milliseconds for all of it, `signal`
   * @throws as `read`; `ERR_VERDANT_HTTP_BODY_USED`
   */
  bytes(options?: BlockingOptions): Buffer {
    return this.#all('bytes()', options);
  }

  /**
   * As `bytes`, decoded as UTF-8.
   * @param options - as for `bytes`
   */
  text(options?: BlockingOptions): string {
    return decode(this.#all('text()', options));
  }

  /**
   * As `text`, parsed.
   * @param options - as for `bytes`
   * @throws as `bytes`; SyntaxError
   */
  json(options?: BlockingOptions): unknown {
    return JSON.parse(decode(this.#all('json()', options)));
  }

  /**
   * As `bytes`, in an ArrayBuffer of its own.
   * @param options - as for `bytes`
   */
  arrayBuffer(options?: BlockingOptions): ArrayBuffer {
    return new Uint8Array(this.#all('arrayBuffer()', options)).buffer;
  }

  /**
   * Reads the rest and drops it, so that the connection can be used again; more than `limit` bytes are not worth that, and
   * close it. Legal at any time.
   * @param options - `limit` in bytes, default 128 KiB; `timeout`, `signal`
   */
  dump(options?: BlockingOptions & { limit?: number | undefined }): void {
    if (this.#state === 'over') return;
    validateBlockingOptions(options);
    const { limit = 131_072, ...rest } = options ?? {};
    const next = perWait(rest);
    let size = 0;
    this.#closing(() => {
      for (let piece = this.#pull('dump()', next()); piece !== null; piece = this.#pull('dump()', next())) {
        size += piece.length;
        if (size > limit) {
          this.cancel();
          return;
        }
      }
    });
  }

  /** Closes the connection unless all has been read. Never blocks, legal anywhere and at any time. */
  cancel(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#source.cancel(new VerdantError('ERR_VERDANT_CLOSED', 'The body of the response was cancelled'));
  }

  /** As `cancel()`. For `using`. */
  [Symbol.dispose](): void {
    this.cancel();
  }

  /** The pieces as they come. */
  [Symbol.iterator](): Iterator<Buffer, undefined> {
    this.#claim('for');
    return {
      next: () =>
        this.#closing(() => {
          const value = this.#state === 'over' ? null : this.#pull('ResponseBody iteration', undefined);
          return value === null ? { done: true, value: undefined } : { done: false, value };
        }),
      return: () => {
        this.cancel();
        return { done: true, value: undefined };
      },
    };
  }

  #all(call: string, options: BlockingOptions | undefined): Buffer {
    validateBlockingOptions(options);
    this.#claim(call);
    const next = perWait(options);
    return this.#closing(() => {
      const pieces: Buffer[] = [];
      for (let piece = this.#pull(call, next()); piece !== null; piece = this.#pull(call, next())) pieces.push(piece);
      return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    });
  }

  #claim(call: string): void {
    if (this.#state === 'fresh') {
      this.#state = 'open';
      return;
    }
    throw new VerdantError('ERR_VERDANT_HTTP_BODY_USED', `${call}: the body has been read already, or is being read`);
  }

  #pull(call: string, options: ParkOptions | undefined): Buffer | null {
    if (this.#state === 'reading') throw new ConcurrentUseError(`${call}: another green thread reads this body`);
    this.#state = 'reading';
    try {
      const piece = this.#source.pull(call, options);
      this.#settle(piece === null ? 'over' : 'open');
      return piece;
    } catch (error) {
      this.#settle('open');
      if (isGreenExit(error)) this.cancel();
      throw error;
    }
  }

  // It may have been cancelled meanwhile.
  #settle(state: 'over' | 'open'): void {
    if (this.#state === 'reading') this.#state = state;
  }

  #closing<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      // Whoever comes second does not take the body away from the first.
      if (!(error instanceof ConcurrentUseError)) this.cancel();
      throw error;
    }
  }
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

function decode(bytes: Buffer): string {
  const marked = bytes.length >= 3 && bytes.compare(byteOrderMark, 0, 3, 0, 3) === 0;
  return bytes.toString('utf8', marked ? 3 : 0);
}
