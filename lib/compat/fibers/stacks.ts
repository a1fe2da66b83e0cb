/** node-fibers' own default. */
const defaultPoolSize = 120;

/**
 * The two numbers by which node-fibers tells of its stacks. The engine keeps its own pool, whatever they say: these are
 * counted as node-fibers would count, for programs that watch them.
 */
class Stacks {
  poolSize = defaultPoolSize;
  created = 0;
  #idle = 0;

  take(): void {
    if (this.#idle > 0) this.#idle -= 1;
    else this.created += 1;
  }

  give(): void {
    if (this.#idle < this.poolSize) this.#idle += 1;
  }
}

export const stacks = new Stacks();
