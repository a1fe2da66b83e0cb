import { type IncomingHttpHeaders } from 'node:http';
import { type Dispatcher } from 'undici';
import { ConcurrentUseError } from '../../errors';
import { park, type ParkOptions, type Waker } from '../../park';
import { timedOut } from './client_errors';
import { Exchange } from './exchange';
import { type BodySource } from './response_body';

/** The beginning of an answer. */
export interface AnswerHead {
  statusCode: number;
  statusText: string;
  headers: IncomingHttpHeaders;
}

/** What is taken from the connection before anybody asks for it. */
const highWaterMark = 65_536;

const expired = Symbol('bodyTimeout');

/**
 * A request that undici's dispatcher reports to, with no stream and no promise in between: what comes wakes the green thread
 * that waits for it.
 */
export class RequestExchange extends Exchange implements Dispatcher.DispatchHandler, BodySource {
  head: AnswerHead | null = null;
  trailers: IncomingHttpHeaders = {};
  #controller: Dispatcher.DispatchController | null = null;
  #pieces: Buffer[] = [];
  #size = 0;
  #ended = false;
  #error: { error: unknown } | null = null;
  #waker: Waker | null = null;
  #origin: unknown = null;

  /** Sends it; `dispatch` may put something before the dispatcher. */
  dispatch(options: Dispatcher.DispatchOptions, dispatch: Dispatcher.Dispatch): void {
    this.#origin = options.origin;
    this.waitsForConnection(this.#origin);
    dispatch(options, this);
  }

  /** Blocks until the head of the answer is there. */
  waitForHead(): AnswerHead {
    const { call } = this.options;
    while (this.head === null && this.#error === null && this.failure === null) this.#park(call, undefined);
    if (this.failure !== null || this.#error !== null) throw this.thrown(this.#error?.error);
    return this.head!;
  }

  pull(call: string, options: ParkOptions | undefined): Buffer | null {
    for (;;) {
      if (this.failure !== null) throw this.failure.error;
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#size -= piece.length;
        if (this.#size === 0 && this.#controller?.paused === true) this.#controller.resume();
        return piece;
      }
      if (this.#error !== null) throw this.thrown(this.#error.error);
      if (this.#ended) return null;
      this.#waitForPiece(call, options);
    }
  }

  cancel(reason: unknown): void {
    this.abort(reason);
  }

  protected tearDown(error: unknown): void {
    this.#pieces = [];
    // undici leaves errors to us that are none; the ones that abort a request must be.
    const reason = error instanceof Error ? error : new Error('The request was aborted', { cause: error });
    this.#controller?.abort(reason);
    this.#wake();
  }

  // --- blocking -----------------------------------------------------------------------------------------------------

  #waitForPiece(call: string, options: ParkOptions | undefined): void {
    const { bodyTimeout } = this;
    const own = options?.timeout ?? Infinity;
    if (bodyTimeout === 0 || own <= bodyTimeout) {
      this.#park(call, options);
      return;
    }
    if (this.#park(call, { ...options, timeout: bodyTimeout, timeoutValue: expired }) !== expired) return;
    this.abort(timedOut(call, `no piece of the body after ${bodyTimeout} ms`));
  }

  #park(call: string, options: ParkOptions | undefined): unknown {
    if (this.#waker !== null) throw new ConcurrentUseError(`${call}: another green thread waits for this answer`);
    return park(call, { ...options, subscribe: this.#subscribe });
  }

  readonly #subscribe = (waker: Waker): (() => void) => {
    this.#waker = waker;
    return () => {
      this.#waker = null;
    };
  };

  #wake(): void {
    this.#waker?.wake(undefined);
  }

  // --- undici's side ------------------------------------------------------------------------------------------------

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.started();
  }

  onBodySent(): void {
    this.sent();
  }

  onResponseStart(_: unknown, statusCode: number, headers: IncomingHttpHeaders, statusText = ''): void {
    if (statusCode < 200 || this.over) return;
    this.answered();
    this.head = { statusCode, statusText, headers };
    this.#wake();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.over) return;
    this.#pieces.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= highWaterMark) controller.pause();
    this.#wake();
  }

  onResponseEnd(_: unknown, trailers: IncomingHttpHeaders): void {
    this.#ended = true;
    this.trailers = trailers;
    this.finish();
    this.#wake();
  }

  onResponseError(_: unknown, error: Error): void {
    if (this.over) return;
    this.#error = { error };
    this.finish();
    this.#wake();
  }
}
