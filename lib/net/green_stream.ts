import { nextTick } from 'node:process';
import { spawn } from '../spawn';
import { type Done, highWaterMark, OwnedStream } from './owned_stream';
import { type Socket } from './socket';

// The stream's own calls wait as long as it takes, whatever the socket's timeout.
const patient = { timeout: Infinity };

/**
 * Each read and each write that has to wait is done by a green thread of its own, which lives no longer than that: what is
 * not asked for keeps neither a stack nor the process. The stream is told on Node's own stack, so that its listeners run
 * where Node runs them, and what they throw goes where it always goes.
 */
export class GreenStream extends OwnedStream {
  #working = 0;
  #whenIdle: (() => void) | null = null;

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

  protected override send(chunks: Buffer[], done: Done): void {
    this.#work(
      'writer',
      (socket) => socket.sendAll(chunks, patient),
      () => done(),
      done,
    );
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.close({ reset: error !== null });
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
    const thread = spawn({ name: `Socket.toDuplex() ${name}` }, work, this.socket);
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
