// Two Node streams in memory: what is written to one can be read from the other. (Node has this only since version 22.)
import { Duplex, type DuplexOptions } from 'node:stream';

class Side extends Duplex {
  other: Side | null = null;
  #waiting: (() => void) | null = null;

  override _read(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const other = this.other!;
    other.push(chunk);
    other.#waiting = done; // the next piece when this one was asked for
  }

  override _final(done: () => void): void {
    this.other!.push(null);
    done();
  }
}

export function duplexPair(options?: DuplexOptions): [Duplex, Duplex] {
  const left = new Side(options);
  const right = new Side(options);
  left.other = right;
  right.other = left;
  return [left, right];
}

export { Duplex };
