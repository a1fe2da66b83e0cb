import { GreenThread } from '../../green_thread';
import { type Exchange } from './exchange';

/** Runs a request's handler, whatever becomes of it. */
export type Handle = (exchange: Exchange) => void;

/** The green thread of one request. However it ends, also without having begun, its exchange is over then. */
export class RequestThread extends GreenThread {
  readonly #exchange: Exchange;

  constructor(handle: Handle, exchange: Exchange) {
    super(handle as (...args: unknown[]) => unknown, [exchange], null);
    this.#exchange = exchange;
    exchange.thread = this;
  }

  override discard(): boolean {
    const discarded = super.discard();
    if (discarded) this.#exchange.over();
    return discarded;
  }

  override crashed(error: unknown): void {
    super.crashed(error);
    this.#exchange.over();
  }
}
