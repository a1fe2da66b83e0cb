import { validateFunction, validateMilliseconds } from '../../validate';
import { type Exchange } from './exchange';

/** A listener of any event. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a listener gets depends on the event
export type AnyListener = (...args: any[]) => void;

/** What `request.socket` tells in handlers of `node:http`'s shape. The socket itself is had by `takeOver`. */
export class SocketView {
  readonly #exchange: Exchange;
  #callback: (() => void) | null = null;

  /** @internal */
  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** The client's address. */
  get remoteAddress(): string | undefined {
    return this.#exchange.remoteAddress?.host;
  }

  /** The client's port. */
  get remotePort(): number | undefined {
    return this.#exchange.remoteAddress?.port;
  }

  /** `IPv4`, `IPv6` or `Unix`. */
  get remoteFamily(): string | undefined {
    return this.#exchange.remoteAddress?.family;
  }

  /** This end's address. */
  get localAddress(): string | undefined {
    return this.#exchange.localAddress?.host;
  }

  /** This end's port. */
  get localPort(): number | undefined {
    return this.#exchange.localAddress?.port;
  }

  /**
   * As `request.setTimeout`.
   * @param ms - milliseconds; 0 for none
   * @param callback - called in place of breaking the connection
   */
  setTimeout(ms: number, callback?: () => void): this {
    this.#exchange.setTimeout(timeoutOf(ms, callback));
    if (callback !== undefined) this.#callback = callback;
    return this;
  }

  /** @internal Nothing has happened for the time that was set. */
  timedOut(): boolean {
    const callback = this.#callback;
    this.#callback = null;
    callback?.();
    return callback !== null;
  }

  /** Whether the connection is encrypted. */
  get encrypted(): boolean {
    return this.#exchange.encrypted;
  }

  /** True once the client has gone away. */
  get destroyed(): boolean {
    return this.#exchange.gone;
  }

  /** Breaks the connection. */
  destroy(): this {
    this.#exchange.breakOff();
    return this;
  }
}

/** Checks the arguments of `setTimeout`, and gives the time. */
export function timeoutOf(ms: number, callback: unknown): number {
  validateMilliseconds(ms, 'msecs');
  if (callback !== undefined) validateFunction(callback, 'callback');
  return ms;
}
