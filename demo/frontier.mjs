// The addresses that are still to be fetched, for any number of green threads.
import { wait } from 'verdant';

export class Frontier {
  #known = new Set();
  #todo = [];
  #unfinished = 0;
  #hungry = [];

  /** Adds an address, unless it was added before. */
  add(url) {
    if (this.#known.has(url)) return;
    this.#known.add(url);
    this.#unfinished += 1;
    this.#todo.push(url);
    this.#hungry.shift()?.();
  }

  /** The next address. Blocks while there is none but one may still turn up; null when all is done. */
  next() {
    while (this.#todo.length === 0 && this.#unfinished > 0) {
      wait(new Promise((resolve) => this.#hungry.push(resolve)));
    }
    return this.#todo.shift() ?? null;
  }

  /** An address that next() gave has been dealt with: its links have been added. */
  finished() {
    this.#unfinished -= 1;
    if (this.#unfinished === 0) for (const feed of this.#hungry.splice(0)) feed();
  }
}
