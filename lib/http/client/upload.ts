import { AsyncResource } from 'node:async_hooks';
import { GreenExit } from '../../errors';
import { GreenThread } from '../../green_thread';
import { park, type Waker } from '../../park';
import { captureSpawnStack } from '../../spawn_stack';
import { invalidType } from '../../validate';

type Step = IteratorResult<Uint8Array, undefined>;

interface Asked {
  resolve: (step: Step) => void;
  reject: (error: unknown) => void;
}

const over: Step = { done: true, value: undefined };

/**
 * A body that is made by code which blocks, for a client that wants an async iterable. The code runs on one green thread of
 * its own, a chunk at a time and never ahead of the connection; when the request ends early the thread is killed, and that
 * closes the source.
 */
export class Upload implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  /** What the source has thrown. */
  failure: { error: unknown } | null = null;
  // Its stores are those of the request, not of whoever has made room on the connection.
  readonly #context = new AsyncResource('HTTPUPLOAD');
  #source: Iterable<Uint8Array | string> | null;
  #thread: WeakRef<GreenThread> | null = null;
  #asked: Asked | null = null;
  #waker: Waker | null = null;
  #stop: GreenExit | null = null;
  #ended = false;

  constructor(source: Iterable<Uint8Array | string>) {
    this.#source = source;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    if (this.#ended) return Promise.resolve(over);
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject };
      if (this.#thread === null) this.#begin();
      else this.#waker?.wake(undefined);
    });
  }

  return(): Promise<Step> {
    this.stop();
    return Promise.resolve(over);
  }

  /** Nobody wants more of it: the source is closed. */
  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#source = null;
    this.#stop = new GreenExit('The request is over');
    this.#thread?.deref()?.kill(this.#stop);
    this.#answer(over);
  }

  #begin(): void {
    const site = captureSpawnStack();
    const thread = this.#context.runInAsyncScope(
      () => new GreenThread(() => this.#run(), [], site, { name: 'upload' }),
    );
    this.#thread = thread.weak();
    thread.start();
  }

  #run(): void {
    try {
      const source = this.#source!;
      this.#source = null;
      for (const chunk of source) {
        this.#answer({ done: false, value: bytesOf(chunk) });
        while (this.#asked === null) park('upload', { subscribe: this.#subscribe });
      }
      this.#ended = true;
      this.#answer(over);
    } catch (error) {
      if (this.#stop !== null) {
        if (error === this.#stop) return;
        throw error; // the source's own, while it was being closed: nobody else would hear of it
      }
      this.#ended = true;
      this.failure = { error };
      const asked = this.#asked;
      this.#asked = null;
      if (asked === null) throw error;
      asked.reject(error);
    }
  }

  readonly #subscribe = (waker: Waker): (() => void) => {
    this.#waker = waker;
    return () => {
      this.#waker = null;
    };
  };

  #answer(step: Step): void {
    const asked = this.#asked;
    this.#asked = null;
    asked?.resolve(step);
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw invalidType('body', 'an iterable of strings or bytes', chunk);
}
