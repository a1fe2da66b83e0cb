import { type BlockingOptions, park, type Waker } from '../park';

interface Ping {
  readonly data: Buffer;
  readonly waker: Waker;
}

/** Pings that were sent by somebody who waits for the answer, oldest first. */
export class Pings {
  readonly #sent: Ping[] = [];
  #sequence = 0;

  get waiting(): number {
    return this.#sent.length;
  }

  /** Data that no other ping of this connection has. */
  nextData(): Buffer {
    this.#sequence = (this.#sequence + 1) >>> 0;
    const data = Buffer.alloc(4);
    data.writeUInt32BE(this.#sequence);
    return data;
  }

  /** Waits for the answer to `data`, which `ping` sends. */
  wait(call: string, data: Buffer, options: BlockingOptions | undefined, ping: () => void): void {
    park(call, {
      ...options,
      subscribe: (waker) => {
        const entry = { data, waker };
        this.#sent.push(entry);
        ping();
        return () => {
          const at = this.#sent.indexOf(entry);
          if (at !== -1) this.#sent.splice(at, 1);
        };
      },
    });
  }

  /** An answer has come. It may stand for all pings before as well (RFC 6455, 5.5.3). */
  answered(data: Buffer): void {
    const at = this.#sent.findIndex((ping) => ping.data.equals(data));
    for (const { waker } of this.#sent.slice(0, at + 1)) waker.wake(undefined);
  }

  end(makeError: () => Error): void {
    for (const { waker } of this.#sent.slice()) waker.fail(makeError());
  }
}
