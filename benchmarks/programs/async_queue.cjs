// A queue for async code, with no more to it than it needs here: `await` its `get()`.
module.exports = class AsyncQueue {
  #items = [];
  #getters = [];

  put(item) {
    const resolve = this.#getters.shift();
    if (resolve === undefined) this.#items.push(item);
    else resolve(item);
  }

  get() {
    if (this.#items.length > 0) return this.#items.shift();
    return new Promise((resolve) => this.#getters.push(resolve));
  }
};
