// Pipes by their descriptors' numbers: what somebody else opens, reads and closes.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { code, thrown } from '../core/thrown';

const chunk = Buffer.alloc(4096, 'x');

/** A pipe that never blocks. */
export class Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
  readonly #open: Set<number>;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'verdant-pipe-'));
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    this.readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.writeEnd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    this.#open = new Set([this.readEnd, this.writeEnd]);
    rmSync(folder, { recursive: true });
  }

  write(text: string): void {
    writeSync(this.writeEnd, text);
  }

  /** What there is; fails the test when there is nothing. */
  read(most = 65_536): string {
    const buffer = Buffer.alloc(most);
    return buffer.toString('latin1', 0, readSync(this.readEnd, buffer));
  }

  /** Writes until there is no more room. */
  fill(): void {
    const error = thrown(() => {
      for (;;) writeSync(this.writeEnd, chunk);
    });
    expect(error).toEqual(code('EAGAIN'));
  }

  /** Reads until there is nothing. */
  drain(): void {
    const error = thrown(() => {
      for (;;) readSync(this.readEnd, chunk);
    });
    expect(error).toEqual(code('EAGAIN'));
  }

  /** Closes one end, or both, without telling anybody. */
  close(...ends: number[]): void {
    for (const end of ends.length === 0 ? this.#open : ends) if (this.#open.delete(end)) closeSync(end);
  }
}
