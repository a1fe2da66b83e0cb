import { AsyncResource } from 'node:async_hooks';
import { GreenThread } from '../green_thread';
import { type Places } from '../pool/places';
import { QueueRing } from '../sync/queue_ring';

type AnyFunction = (...args: unknown[]) => unknown;

/** One that waits for a place. */
interface Waiting {
  fn: AnyFunction;
  args: unknown[];
  // It runs in the async context in which it came.
  context: AsyncResource;
  started: (thread: GreenThread) => void;
  gone: boolean;
}

/**
 * Starts functions in a pool's places, called by code that cannot block: who finds no place stands in line, first come,
 * first served. One green thread waits for all of them, however many there are.
 */
export class Admission {
  readonly #pool: Places;
  readonly #line = new QueueRing<Waiting>();
  #doorkeeper = false;

  constructor(pool: Places) {
    this.#pool = pool;
  }

  /**
   * @param started - called with the green thread once there is one, perhaps at once
   * @returns takes it out of the line, if it still stands there
   */
  admit(fn: AnyFunction, args: unknown[], started: (thread: GreenThread) => void): () => void {
    if (this.#line.size === 0 && this.#pool.tryPlace()) {
      started(this.#pool.start(fn, args, undefined));
      return nothing;
    }
    const waiting = { fn, args, context: new AsyncResource('GREENHANDLER'), started, gone: false };
    this.#line.push(waiting);
    if (!this.#doorkeeper) {
      this.#doorkeeper = true;
      new GreenThread(() => this.#keepDoor(), [], null, { name: 'greenHandler', context: 'empty' }).start();
    }
    return () => {
      waiting.gone = true;
    };
  }

  #keepDoor(): void {
    try {
      while (this.#line.size > 0) {
        if (this.#line.first().gone) {
          this.#line.shift();
          continue;
        }
        if (!this.#pool.tryPlace()) this.#pool.waitForPlace('greenHandler()', undefined);
        this.#startNext();
      }
    } finally {
      this.#doorkeeper = false;
    }
  }

  // Those that have gone meanwhile need no place.
  #startNext(): void {
    while (this.#line.size > 0) {
      const { fn, args, context, started, gone } = this.#line.shift();
      if (gone) continue;
      started(context.runInAsyncScope(() => this.#pool.start(fn, args, undefined)));
      return;
    }
    this.#pool.leave();
  }
}

const nothing = (): undefined => undefined;
