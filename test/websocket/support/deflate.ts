// The two directions of permessage-deflate (RFC 7692), each with its memory of what went before, unless that was agreed away.
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

const tail = Buffer.from([0, 0, 0xff, 0xff]);

export interface FlowOptions {
  windowBits?: number;
  takeover?: boolean;
  level?: number;
}

// What zlib would have in its window by now.
class Window {
  readonly #size: number;
  #past = Buffer.alloc(0);

  constructor({ windowBits = 15, takeover = true }: FlowOptions) {
    this.#size = takeover ? 2 ** windowBits : 0;
  }

  get dictionary(): Buffer | undefined {
    return this.#past.length === 0 ? undefined : this.#past;
  }

  add(plain: Buffer): void {
    if (this.#size > 0) this.#past = Buffer.concat([this.#past, plain]).subarray(-this.#size);
  }
}

export class Deflater {
  readonly #window: Window;
  readonly #options: FlowOptions;

  constructor(options: FlowOptions = {}) {
    this.#options = options;
    this.#window = new Window(options);
  }

  deflate(data: string | Uint8Array): Buffer {
    const { windowBits = 15, level = 6 } = this.#options;
    const plain = Buffer.from(data);
    const bytes = deflateRawSync(plain, {
      windowBits,
      level,
      dictionary: this.#window.dictionary,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    this.#window.add(plain);
    // An empty block is what is left of nothing.
    return bytes.length === 0 ? Buffer.from([0]) : bytes.subarray(0, -4);
  }
}

export class Inflater {
  readonly #window: Window;

  constructor(options: FlowOptions = {}) {
    this.#window = new Window(options);
  }

  inflate(data: Buffer): Buffer {
    const plain = inflateRawSync(Buffer.concat([data, tail]), {
      dictionary: this.#window.dictionary,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    this.#window.add(plain);
    return plain;
  }
}
