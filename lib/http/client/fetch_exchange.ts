import { type ReadableStreamDefaultReader } from 'node:stream/web';
import { type Dispatcher, type Response as WebResponse } from 'undici';
import { wait } from '../../bridge/wait';
import { codeOf, VerdantError } from '../../errors';
import { type ParkOptions } from '../../park';
import { timedOut } from './client_errors';
import { Exchange, type ExchangeOptions } from './exchange';
import { type BodySource } from './response_body';

/** The names under which undici's handlers are told of things: the old ones, and those that replace them. */
const told = {
  start: ['onConnect', 'onRequestStart'],
  sent: ['onBodySent'],
  head: ['onHeaders', 'onResponseStart'],
} as const;

type Handler = Record<string, ((...args: unknown[]) => unknown) | undefined>;

/** The limits of a request that undici's `fetch` makes: it stands between `fetch` and the dispatcher. */
export class FetchExchange extends Exchange {
  readonly controller = new AbortController();
  readonly #redirections: number;
  #hops = -1;
  #readers = 1;

  constructor(options: ExchangeOptions, redirections: number) {
    super(options);
    this.#redirections = redirections;
  }

  /** What `fetch` takes for its dispatcher. */
  get dispatcher(): Dispatcher {
    const { dispatcher } = this.options;
    const { isMockActive } = dispatcher as { isMockActive?: boolean };
    const dispatch = (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean =>
      this.#dispatch(options, handler);
    return { dispatch, isMockActive } as unknown as Dispatcher;
  }

  /** The body of the answer, which has so many readers that each have to come to its end. */
  bodyOf(response: WebResponse): FetchBody {
    return new FetchBody(this, response);
  }

  /** The body is read twice. */
  addReader(): void {
    this.#readers += 1;
  }

  /** One of the readers has come to the end, or wants no more. */
  readerDone(): void {
    this.#readers -= 1;
    if (this.#readers === 0) this.finish();
  }

  /** Nobody else reads the body. */
  get lastReader(): boolean {
    return this.#readers <= 1;
  }

  protected tearDown(error: unknown): void {
    this.controller.abort(error);
  }

  #dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.#hops += 1;
    if (this.#hops > this.#redirections) {
      throw new VerdantError(
        'ERR_VERDANT_HTTP_TOO_MANY_REDIRECTS',
        `fetch(): more than ${this.#redirections} redirects`,
      );
    }
    const listener = handler as unknown as Handler;
    before(listener, told.start, () => this.started());
    before(listener, told.sent, () => this.sent());
    before(listener, told.head, (...args) => {
      if (args.some((arg) => typeof arg === 'number' && arg >= 200)) this.answered();
    });
    this.waitsForConnection(options.origin);
    return this.options.dispatcher.dispatch(options, handler);
  }
}

// fetch has made the handler for this one request, so it may be added to.
function before(handler: Handler, names: readonly string[], then: (...args: unknown[]) => void): void {
  for (const name of names) {
    const original = handler[name];
    if (original === undefined && name !== 'onBodySent') continue;
    handler[name] = function (this: unknown, ...args: unknown[]): unknown {
      then(...args);
      return original?.apply(this, args);
    };
  }
}

/** The body of an answer of undici's `fetch`. */
export class FetchBody implements BodySource {
  readonly #exchange: FetchExchange;
  readonly #response: WebResponse;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #next: Promise<{ done: boolean; value?: Uint8Array | undefined }> | null = null;
  #done = false;

  constructor(exchange: FetchExchange, response: WebResponse) {
    this.#exchange = exchange;
    this.#response = response;
  }

  pull(call: string, options: ParkOptions | undefined): Buffer | null {
    const exchange = this.#exchange;
    for (;;) {
      if (this.#done) return null;
      if (exchange.failure !== null) throw exchange.failure.error;
      this.#reader ??= this.#response.body!.getReader() as ReadableStreamDefaultReader<Uint8Array>;
      // Kept until it is settled: what an interrupted call has asked for is given to the next one.
      this.#next ??= this.#reader.read();
      const { done, value } = this.#wait(call, options);
      this.#next = null;
      if (done) {
        this.#finish();
        return null;
      }
      if (value !== undefined && value.length > 0) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
  }

  cancel(reason: unknown): void {
    if (this.#done) return;
    if (this.#exchange.lastReader) {
      this.#done = true;
      this.#exchange.abort(reason);
      return;
    }
    const stream = this.#reader ?? this.#response.body!;
    stream.cancel(reason).catch(() => undefined); // the other reader hears of whatever is wrong
    this.#finish();
  }

  #wait(call: string, options: ParkOptions | undefined): { done: boolean; value?: Uint8Array | undefined } {
    const { bodyTimeout } = this.#exchange;
    const own = options?.timeout ?? Infinity;
    const limited = bodyTimeout !== 0 && bodyTimeout < own;
    try {
      return wait(this.#next!, { timeout: limited ? bodyTimeout : own, signal: options?.signal });
    } catch (error) {
      if (this.#exchange.failure !== null) throw this.#exchange.failure.error;
      if (codeOf(error) === 'ERR_VERDANT_TIMEOUT') {
        if (!limited) throw timedOut(call, `timed out after ${options?.total ?? own} ms`);
        const late = timedOut(call, `no piece of the body after ${bodyTimeout} ms`);
        this.#exchange.abort(late);
        throw late;
      }
      throw this.#exchange.thrown(error);
    }
  }

  #finish(): void {
    this.#done = true;
    this.#exchange.readerDone();
  }
}
