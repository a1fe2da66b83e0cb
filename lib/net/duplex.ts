import { nextTick } from 'node:process';
import { Duplex } from 'node:stream';
import { codeOf } from '../errors';
import { spawn } from '../spawn';
import { type Socket } from './socket';

/** Node's own choice since version 22. */
const highWaterMark = 65_536;

// The stream's own calls wait as long as it takes, whatever the socket's timeout.
const patient = { timeout: Infinity };

/** A Node stream over a green socket. The stream owns the socket. */
export function toDuplex(socket: Socket): Duplex {
  return new GreenDuplex(socket);
}

type Done = (error?: Error | null) => void;

/**
 * Each read and each write that has to wait is done by a green thread of its own, which lives no longer than that: what is
 * not asked for keeps neither a stack nor the process. The stream is told on Node's own stack, so that its listeners run
 * where Node runs them, and what they throw goes where it always goes.
 */
class GreenDuplex extends Duplex {
  readonly #socket: Socket;
  #working = 0;
  #whenIdle: (() => void) | null = null;

  constructor(socket: Socket) {
    super({ readableHighWaterMark: highWaterMark, writableHighWaterMark: highWaterMark });
    this.#socket = socket;
    const received = socket.closed ? Buffer.alloc(0) : socket.takeReceived();
    if (received.byteLength > 0) this.push(received);
  }

  override _read(): void {
    this.#work(
      'reader',
      (socket) => socket.recv(highWaterMark, patient),
      (data) => this.#deliver(data),
      (error) => this.destroy(error),
    );
  }

  #deliver(data: Buffer): void {
    if (!this.destroyed) this.push(data.byteLength === 0 ? null : data);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#send([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  #send(chunks: Buffer[], done: Done): void {
    this.#work(
      'writer',
      (socket) => socket.sendAll(chunks, patient),
      () => done(),
      done,
    );
  }

  override _final(done: Done): void {
    try {
      this.#socket.shutdown('write');
    } catch (error) {
      // The other end has broken the connection: reading says so, if anybody reads.
      done(codeOf(error) === 'ENOTCONN' ? null : (error as Error));
      return;
    }
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.close({ reset: error !== null });
    if (this.#working === 0) done(error);
    else this.#whenIdle = () => done(error);
  }

  #work<R>(
    name: string,
    work: (socket: Socket) => R,
    succeeded: (value: R) => void,
    failed: (error: Error) => void,
  ): void {
    this.#working += 1;
    const thread = spawn({ name: `Socket.toDuplex() ${name}` }, work, this.#socket);
    // The end of the thread, not of its function: it may be killed before it begins.
    thread.onEnd(() => {
      nextTick(() => {
        this.#working -= 1;
        try {
          if (thread.state === 'done') succeeded(thread.value as R);
          else failed(thread.error as Error);
        } finally {
          if (this.#working === 0) this.#whenIdle?.();
        }
      });
    });
  }
}
