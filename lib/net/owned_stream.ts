import { Duplex } from 'node:stream';
import { codeOf } from '../errors';
import { type Socket } from './socket';

/** Node's own choice since version 22. */
export const highWaterMark = 65_536;

export type Done = (error?: Error | null) => void;

/** A Node stream that owns a green socket: what does not depend on how it waits. */
export abstract class OwnedStream extends Duplex {
  protected readonly socket: Socket;

  constructor(socket: Socket) {
    super({ readableHighWaterMark: highWaterMark, writableHighWaterMark: highWaterMark });
    this.socket = socket;
    const received = socket.closed ? Buffer.alloc(0) : socket.takeReceived();
    if (received.byteLength > 0) this.push(received);
  }

  /** Sends the chunks, of which some may be empty. */
  protected abstract send(chunks: Buffer[], done: Done): void;

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.send([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.send(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  override _final(done: Done): void {
    try {
      this.socket.shutdown('write');
    } catch (error) {
      // The other end has broken the connection: reading says so, if anybody reads.
      done(codeOf(error) === 'ENOTCONN' ? null : (error as Error));
      return;
    }
    done();
  }
}
