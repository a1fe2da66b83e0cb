import { AsyncResource } from 'node:async_hooks';
import { nextTick } from 'node:process';
import { ClosedError } from '../errors';
import { type FdTransport } from './fd_transport';
import { type Done, highWaterMark, OwnedStream } from './owned_stream';
import { type Socket } from './socket';
import { StreamPlace } from './stream_place';

const reading = 'Socket.toDuplex() reader';
const writing = 'Socket.toDuplex() writer';

/** Chunks of which some bytes may have gone already. */
interface Unsent {
  chunks: readonly Uint8Array[];
  index: number;
  offset: number;
  done: Done;
}

/**
 * Over a descriptor, a stream waits in the hub by itself, and has no green thread. What is written first in a turn goes out
 * at once, as far as the system takes it; what follows in the same turn goes out together at its end. The stream is told on
 * Node's own stack, so that its listeners run where Node runs them, and what they throw goes where it always goes; except
 * that a write that needs no waiting is done where it was asked for.
 */
export class FdStream extends OwnedStream {
  readonly #transport: FdTransport;
  readonly #reader: StreamPlace;
  readonly #writer: StreamPlace;
  #unsent: Unsent | null = null;
  /** Something went out in this turn. */
  #hasSent = false;
  #heldBack = false;

  constructor(socket: Socket, transport: FdTransport) {
    super(socket);
    this.#transport = transport;
    const context = new AsyncResource('VERDANTSTREAM');
    const failed = (error: Error): void => {
      this.destroy(error);
    };
    this.#reader = new StreamPlace(reading, context, () => this.#receive(), failed);
    this.#writer = new StreamPlace(
      writing,
      context,
      () => this.#sendRest(),
      (error) => this.#sent(error),
    );
  }

  // --- reading ------------------------------------------------------------------------------------------------------

  override _read(): void {
    // What may be there already is read in the hub's turn: a peer that never stops sending does not keep others waiting.
    if (this.#transport.mayRead) this.#reader.soon();
    else this.#awaitMore();
  }

  #receive(): void {
    if (this.destroyed) return;
    let data: Buffer | null;
    try {
      data = this.#transport.tryRead(reading, highWaterMark);
    } catch (error) {
      this.destroy(error as Error);
      return;
    }
    if (data === null) this.#awaitMore();
    else this.push(data.byteLength === 0 ? null : data);
  }

  #awaitMore(): void {
    try {
      this.#transport.join('read', this.#reader);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  // --- writing ------------------------------------------------------------------------------------------------------

  protected override send(chunks: Buffer[], done: Done): void {
    this.#unsent = { chunks: chunks.filter((chunk) => chunk.byteLength > 0), index: 0, offset: 0, done };
    if (this.#hasSent) {
      this.#heldBack = true;
      return;
    }
    this.#hasSent = true;
    nextTick(() => this.#endTurn());
    this.#begin();
  }

  #endTurn(): void {
    this.#hasSent = false;
    if (!this.#heldBack) return;
    this.#heldBack = false;
    this.#begin();
  }

  #begin(): void {
    try {
      this.#transport.refuseSecondWriter(writing, this.#writer);
    } catch (error) {
      this.#sent(error as Error);
      return;
    }
    this.#sendRest();
  }

  #sendRest(): void {
    const unsent = this.#unsent;
    if (unsent === null) return; // destroyed meanwhile
    let all: boolean;
    try {
      all = this.#sendSome(unsent);
    } catch (error) {
      this.#sent(error as Error);
      return;
    }
    if (all) this.#sent(null);
  }

  // False when the system takes no more: then it waits until that may have changed.
  #sendSome(unsent: Unsent): boolean {
    const { chunks } = unsent;
    while (unsent.index < chunks.length) {
      const sent = this.#transport.trySend(writing, chunks, unsent.index, unsent.offset);
      if (sent === 0) {
        this.#transport.join('write', this.#writer);
        return false;
      }
      unsent.offset += sent;
      for (; unsent.index < chunks.length; unsent.index += 1) {
        const { byteLength } = chunks[unsent.index]!;
        if (unsent.offset < byteLength) break;
        unsent.offset -= byteLength;
      }
    }
    return true;
  }

  #sent(error: Error | null): void {
    const unsent = this.#unsent;
    this.#unsent = null;
    unsent?.done(error);
  }

  // --- the end ------------------------------------------------------------------------------------------------------

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const unsent = this.#unsent;
    this.#unsent = null;
    this.socket.close({ reset: error !== null });
    if (unsent === null) {
      done(error);
      return;
    }
    nextTick(() => {
      try {
        unsent.done(new ClosedError('The stream was destroyed before all was sent'));
      } finally {
        done(error);
      }
    });
  }
}
