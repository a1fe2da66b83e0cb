// A hub as somebody else would write it: nothing but the abstract class of 'verdant/hub', and Node's public functions.
// Required as a preload (`node --require`), it is the hub of that process and of its Workers.
const { Hub, useHub } = require('verdant/hub');

class ThirdPartyHub extends Hub {
  name = 'third party';
  #immediate = null;
  #timer = null;
  // A clock of its own, to show that only its differences count.
  #epoch = performance.now() - 1e6;

  time() {
    return performance.now() - this.#epoch;
  }

  requestTurn(soon) {
    if (soon) {
      // Promise reactions that wait already come first: ticks alone would keep them out for as long as turns follow turns.
      queueMicrotask(() => process.nextTick(() => this.turn(false)));
      return;
    }
    this.#immediate ??= this.#kept(
      setImmediate(() => {
        this.#immediate = null;
        this.turn(true);
      }),
    );
  }

  requestTurnAt(deadline) {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (deadline === null) return;
    const delay = Math.min(Math.max(Math.ceil(deadline - this.time()), 1), 2 ** 31 - 1);
    this.#timer = this.#kept(setTimeout(() => this.turn(true), delay));
  }

  release() {
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
  }

  keepAliveChanged() {
    for (const handle of [this.#immediate, this.#timer]) if (handle !== null) this.#kept(handle);
  }

  #kept(handle) {
    return this.keepsAlive ? handle.ref() : handle.unref();
  }
}

if (process.execArgv.includes(__filename)) useHub(ThirdPartyHub);

module.exports = { ThirdPartyHub };
