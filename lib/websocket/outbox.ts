import { type BlockingOptions, park } from '../park';
import { beginIo } from '../readiness';
import { wakeAll, wakeFirst } from '../sync/wake';
import { WaitQueue } from '../wait_queue';

const granted = Symbol('granted');
const refused = Symbol('refused');

/** What a frame costs beside its data, so that empty ones are not free. */
const overhead = 64;

/**
 * Who may send next. A sender waits here, first come, first served, until less than `limit` bytes are on their way to the
 * system; then its message is handed over whole. So one that is interrupted has sent nothing, and one that returns has sent all.
 */
export class Outbox {
  readonly #limit: number;
  readonly #senders = new WaitQueue();
  /** One who waited was told to go ahead, and has not run yet: everybody else comes after. */
  #granted = false;
  #unsent = 0;
  #end: (() => Error) | null = null;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Green threads that wait to send. */
  get waiting(): number {
    return this.#senders.size;
  }

  /**
   * Waits for the caller's turn, and has `handOver` hand a frame of so many bytes over.
   * @param handOver - is given what to call when the frame has left, or never will; must not throw or block
   */
  send(call: string, size: number, options: BlockingOptions | undefined, handOver: (sent: () => void) => void): void {
    beginIo(call, options);
    if (this.#end === null && (this.#granted || this.#senders.first !== null || this.#unsent >= this.#limit)) {
      const outcome = park(call, { ...options, queue: this.#senders, keeps: true });
      if (outcome === granted) this.#granted = false;
    }
    if (this.#end !== null) throw this.#end();
    const cost = size + overhead;
    this.#unsent += cost;
    handOver(() => {
      this.#unsent -= cost;
      this.#admit();
    });
    this.#admit();
  }

  /** Nothing can be sent any more. Everybody who waits is told. */
  end(makeError: () => Error): void {
    if (this.#end !== null) return;
    this.#end = makeError;
    wakeAll(this.#senders, refused);
  }

  #admit(): void {
    if (this.#granted || this.#unsent >= this.#limit) return;
    this.#granted = wakeFirst(this.#senders, granted);
  }
}
