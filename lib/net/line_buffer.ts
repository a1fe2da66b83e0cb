const newline = 0x0a;
const carriageReturn = 0x0d;

/** Bytes that have been received and not yet been asked for, in the pieces in which they came. */
export class LineBuffer {
  #pieces: Buffer[] = [];
  #size = 0;
  /** So many bytes from the front on are known to have no newline. */
  #searched = 0;

  get size(): number {
    return this.#size;
  }

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#size += piece.byteLength;
  }

  /** At most `most` bytes from the front, without a copy. */
  take(most: number): Buffer {
    const first = this.#pieces[0]!;
    if (first.byteLength <= most) return this.#remove(first.byteLength, this.#pieces.shift()!);
    this.#pieces[0] = first.subarray(most);
    return this.#remove(most, first.subarray(0, most));
  }

  /** Exactly `size` bytes, of which there are enough. */
  takeExactly(size: number): Buffer {
    if (size === 0) return Buffer.alloc(0);
    this.#joinFirst(size);
    return this.take(size);
  }

  /** The same, but they stay. */
  peek(size: number): Buffer {
    this.#joinFirst(size);
    return this.#pieces[0]!.subarray(0, size);
  }

  // The first piece has at least `size` bytes then.
  #joinFirst(size: number): void {
    if (this.#pieces[0]!.byteLength < size) this.#pieces = [Buffer.concat(this.#pieces, this.#size)];
  }

  #remove(size: number, taken: Buffer): Buffer {
    this.#size -= size;
    this.#searched = Math.max(0, this.#searched - size);
    return taken;
  }

  /** The length of the first line, its newline included; 0 when none has come in whole. */
  lineLength(): number {
    let start = 0;
    for (const piece of this.#pieces) {
      const from = Math.max(0, this.#searched - start);
      const at = from < piece.byteLength ? piece.indexOf(newline, from) : -1;
      if (at !== -1) return start + at + 1;
      start += piece.byteLength;
    }
    this.#searched = this.#size;
    return 0;
  }
}

/** The line without what ends it: `\n` or `\r\n`. */
export function withoutLineEnd(line: Buffer): Buffer {
  let end = line.byteLength;
  if (end > 0 && line[end - 1] === newline) {
    end -= 1;
    if (end > 0 && line[end - 1] === carriageReturn) end -= 1;
  }
  return line.subarray(0, end);
}
