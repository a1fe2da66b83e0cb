import { type BlockingOptions, park } from '../park';
import { beginIo } from '../readiness';
import { QueueRing } from '../sync/queue_ring';
import { wakeAll, wakeFirst } from '../sync/wake';
import { WaitQueue } from '../wait_queue';

/** What is received: text, or bytes. */
export type Message = string | Buffer;

const ended = Symbol('ended');

/** How many messages may lie here, and of how many bytes, before no more are read. */
export interface InboxLimits {
  messages: number;
  bytes: number;
}

/**
 * Messages that have come in and that nobody has asked for yet, and those who wait for one. When it is full the connection is
 * told to stop reading: so a client that sends faster than it is listened to is slowed down by TCP, and fills no memory.
 */
export class Inbox {
  readonly #limits: InboxLimits;
  /** Told to stop reading (true), and to go on. */
  readonly #pause: (pause: boolean) => void;
  readonly #messages = new QueueRing<Message>();
  readonly #receivers = new WaitQueue();
  #bytes = 0;
  #full = false;
  /** Set when nothing more will come; makes what is thrown then, if anything. */
  #end: (() => Error | null) | null = null;

  constructor(limits: InboxLimits, pause: (pause: boolean) => void) {
    this.#limits = limits;
    this.#pause = pause;
  }

  /** Messages that nobody has asked for yet. */
  get size(): number {
    return this.#messages.size;
  }

  /** Their length. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Green threads that wait for one. */
  get waiting(): number {
    return this.#receivers.size;
  }

  /** True while nothing is read, since there is enough here. */
  get full(): boolean {
    return this.#full;
  }

  push(message: Message): void {
    if (this.#end !== null || wakeFirst(this.#receivers, message)) return;
    this.#messages.push(message);
    this.#bytes += message.length;
    const { messages, bytes } = this.#limits;
    if (this.#full || (this.#messages.size < messages && this.#bytes < bytes)) return;
    this.#full = true;
    this.#pause(true);
  }

  /**
   * Nothing more will come, or is wanted: who waits is told. What has come before can still be taken.
   * @param makeError - for each receiver that finds nothing, what it throws; null: it gets null
   */
  end(makeError: () => Error | null): void {
    if (this.#end !== null) return;
    this.#end = makeError;
    wakeAll(this.#receivers, ended);
    // Else what the protocol still has to say to the other end would never be heard.
    this.#relieve();
  }

  /** The next message; null at the end. A wait that is interrupted has taken nothing. */
  take(call: string, options: BlockingOptions | undefined): Message | null {
    beginIo(call, options);
    if (this.#messages.size > 0) {
      const message = this.#messages.shift();
      this.#bytes -= message.length;
      const { messages, bytes } = this.#limits;
      if (2 * this.#messages.size <= messages && 2 * this.#bytes <= bytes) this.#relieve();
      return message;
    }
    if (this.#end !== null) return this.#conclude();
    // What is handed over is kept even if a kill comes before the receiver runs.
    const outcome = park(call, { ...options, queue: this.#receivers, keeps: true });
    return outcome === ended ? this.#conclude() : (outcome as Message);
  }

  #relieve(): void {
    if (!this.#full) return;
    this.#full = false;
    this.#pause(false);
  }

  #conclude(): null {
    const error = this.#end!();
    if (error !== null) throw error;
    return null;
  }
}
